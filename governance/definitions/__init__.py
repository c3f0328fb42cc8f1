"""The glossary and the definitions of records as everybody reads them: searchable, each with its authority."""
