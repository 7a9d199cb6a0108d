"""What strangers send: random calls and files, forged links, scripts in every text."""
