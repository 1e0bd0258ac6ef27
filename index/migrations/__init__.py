"""The named, append-only steps that bring a store to today's schema."""
