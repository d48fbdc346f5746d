"""trialkg: clinical trial records as a semantic knowledge graph."""
