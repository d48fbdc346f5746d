"""Controlled vocabularies: MeSH and the drug ontology, their names, hierarchies and versions."""
