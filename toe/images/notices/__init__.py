"""Notices: who is told when an image is available everywhere, or has failed: topics of SNS, web servers, commands."""
