"""The JSON API: cases, categories, areas and cards that a key may see, described by an OpenAPI document."""
