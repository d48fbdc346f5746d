"""Files of vocabularies → concepts: MeSH in its three forms, OWL, OBO, SKOS; found, unpacked and recognised."""
