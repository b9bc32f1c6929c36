"""Argument structure across papers: profiles, distances, pairs that speak to each other, questions over a corpus."""
