//! Target lines to targets.
//!
//! Reads what people write, resolves nothing and looks at nothing. Start at [`parse`]; the grammar
//! of a line stands there. It must never probe, and one bad line never costs another.

mod fault;
mod file_sd;
mod group;
mod lines;
mod name;
mod overrides;
mod repeats;
mod shuffle;
mod sources;
mod target;
mod wildcard;

pub use fault::Fault;
pub use group::{Group, Inventory};
pub use lines::lines;
pub use name::server_name;
pub use overrides::{ResolveOverride, parse_resolve};
pub use repeats::{Identity, Repeats, identity};
pub use shuffle::{Shuffled, WINDOW, shuffled};
pub use sources::{Source, matching};
pub use target::{Defaults, Listed, parse, starttls_hint};
pub use wildcard::label;
