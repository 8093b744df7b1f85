//! Who is asked for names: this system's name servers, or those that a target asks for.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use certvigil_model::Target;
use certvigil_probe::Resolver;

/// Sets of name servers remembered; the oldest is dropped beyond that.
const KEPT: usize = 64;

/// One resolver for each set of name servers, with its own memory of answers.
#[derive(Default)]
pub(crate) struct Resolvers {
    of_system: Arc<Resolver>,
    others: Mutex<VecDeque<(Vec<SocketAddr>, Arc<Resolver>)>>,
}

impl Resolvers {
    /// The one that `target` is to be found by.
    pub(crate) fn of(&self, target: &Target) -> Arc<Resolver> {
        let wanted = &target.options.resolvers;
        if wanted.is_empty() {
            return Arc::clone(&self.of_system);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = others.iter().find(|(servers, _)| servers == wanted) {
            return Arc::clone(known);
        }
        let resolver = Arc::new(Resolver::asking(wanted.clone()));
        others.push_back((wanted.clone(), Arc::clone(&resolver)));
        if others.len() > KEPT {
            others.pop_front();
        }
        resolver
    }
}

#[cfg(test)]
mod tests {
    use certvigil_inventory::{Defaults, parse};

    use super::*;

    fn asking(port: u16) -> Target {
        let Ok(mut target) = parse("www.example.org", None, &Defaults::default()).target else {
            panic!()
        };
        target.options.resolvers = vec![SocketAddr::from(([127, 0, 0, 1], port))];
        target
    }

    #[test]
    fn each_set_of_name_servers_has_one_resolver_up_to_a_bound() {
        let resolvers = Resolvers::default();
        let first = resolvers.of(&asking(1));
        assert!(Arc::ptr_eq(&first, &resolvers.of(&asking(1))));
        assert!(!Arc::ptr_eq(&first, &resolvers.of(&asking(2))));
        for port in 3..=u16::try_from(KEPT).unwrap_or(u16::MAX) + 1 {
            resolvers.of(&asking(port));
        }
        let kept = resolvers.others.lock().unwrap_or_else(PoisonError::into_inner).len();
        assert_eq!(kept, KEPT);
        assert!(!Arc::ptr_eq(&first, &resolvers.of(&asking(1))), "the oldest was dropped");
    }
}
