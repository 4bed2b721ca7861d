"""The rows of the catalogue, a table for each family; nothing is imported before it is used."""
