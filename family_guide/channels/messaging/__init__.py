"""Messaging apps: the same assistant where families already are.

Each platform is a small module; what they share is in `shared` (requests), `desk`
(answering and delivering) and `outbox` (what survives a restart).
"""
