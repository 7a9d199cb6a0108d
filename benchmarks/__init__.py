"""How fast the product is, against the bare minimum of the same job: see README.md here."""
