"""Expressions in double braces and the operators of conditions."""
