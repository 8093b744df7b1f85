"""The test bed of `bench/peers`: servers, tools, and what running them costs."""
