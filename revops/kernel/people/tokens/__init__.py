"""Tokens: credentials that open the API in somebody's name. Both shells speak of them, so they are kept here."""
