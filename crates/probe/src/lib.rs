//! Looks at an endpoint as a client would, and records what it saw
