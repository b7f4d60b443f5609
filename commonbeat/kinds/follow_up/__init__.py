"""The follow-up with a person harmed: consent first, calls when and how it is safe, help, and their own last word."""
