"""Partnerships, agencies, people, teams, and the membership a person acts in."""
