"""Index keeps and ranks: venues, their vectors, and the order in which they answer a query."""
