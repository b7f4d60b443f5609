"""The website: HTML pages that work without JavaScript and are better with it."""
