//! One process serves a database, and knows it.

use certvigil_store::Error;
use certvigil_store::postgres::{Hold, Kept};

use super::{Case, cases};
use crate::cluster::Cluster;

pub(super) const CASES: &[Case] = cases![
    of_two_one_has_it_and_the_other_is_told_who,
    whoever_lost_it_with_its_connection_takes_it_again,
    whoever_lost_it_to_another_is_told_so_until_that_one_ends,
    a_writer_and_who_serves_do_not_stand_in_each_others_way,
    whoever_has_the_documented_lock_has_the_store,
    another_database_of_the_same_cluster_is_another_store,
];

fn holder(taken: Result<impl Sized, Error>) -> String {
    match taken {
        Err(Error::Held { what, holder }) => format!("{what}: {holder}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two have it"),
    }
}

fn of_two_one_has_it_and_the_other_is_told_who(cluster: &Cluster) {
    let url = cluster.url("127.0.0.1", &cluster.database());
    let mut first = Hold::take(&format!("{url}?application_name=first")).unwrap();
    let told = holder(Hold::take(&url));
    assert!(told.contains(" of first at 127.0.0.1, since "), "{told}");
    assert!(told.starts_with("the store postgres://lab@127.0.0.1:"), "{told}");
    assert_eq!(first.keep().unwrap(), Kept::Throughout);
    drop(first);
    until_free(&url);
}

/// A session's end is not waited for by whoever closes it.
fn until_free(url: &str) -> Hold {
    for _ in 0..10_000 {
        match Hold::take(url) {
            Ok(hold) => return hold,
            Err(Error::Held { .. }) => std::thread::yield_now(),
            Err(other) => panic!("{other}"),
        }
    }
    panic!("it was never given back")
}

fn whoever_lost_it_with_its_connection_takes_it_again(cluster: &Cluster) {
    let database = cluster.database();
    let mut hold = Hold::take(&cluster.socket_url(&database)).unwrap();
    cluster.cut_connections(&database);
    assert_eq!(hold.keep().unwrap(), Kept::Anew);
    assert_eq!(hold.keep().unwrap(), Kept::Throughout);
    holder(Hold::take(&cluster.socket_url(&database)));
}

fn whoever_lost_it_to_another_is_told_so_until_that_one_ends(cluster: &Cluster) {
    let database = cluster.database();
    let url = cluster.socket_url(&database);
    let mut first = Hold::take(&url).unwrap();
    cluster.cut_connections(&database);
    let second = Hold::take(&format!("{url}?application_name=second")).unwrap();
    for _ in 0..2 {
        let told = holder(first.keep());
        assert!(told.contains(" of second at this machine"), "{told}");
    }
    drop(second);
    while let Err(error) = first.keep() {
        assert!(matches!(error, Error::Held { .. }), "{error}");
        std::thread::yield_now();
    }
}

fn a_writer_and_who_serves_do_not_stand_in_each_others_way(cluster: &Cluster) {
    let url = cluster.socket_url(&cluster.database());
    let mut hold = Hold::take(&url).unwrap();
    let mut store = super::open(&url);
    let now = crate::sample::NOON;
    let mut kept = None;
    store
        .transact(now, &mut |transaction| {
            kept = Some(hold.keep().unwrap());
            transaction.put_document("a", "text")
        })
        .unwrap();
    assert_eq!(kept, Some(Kept::Throughout));
}

/// Every version must take the same one: two versions may meet during an upgrade.
fn whoever_has_the_documented_lock_has_the_store(cluster: &Cluster) {
    let database = cluster.database();
    let url = cluster.socket_url(&database);
    let mut client = cluster.client(&database);
    client.batch_execute("SELECT pg_advisory_lock(7162256626880442998)").unwrap();
    let told = holder(Hold::take(&url));
    assert!(told.contains("process "), "{told}");
    client.batch_execute("SELECT pg_advisory_unlock_all()").unwrap();
    assert_eq!(Hold::take(&url).unwrap().keep().unwrap(), Kept::Throughout);
}

fn another_database_of_the_same_cluster_is_another_store(cluster: &Cluster) {
    let [one, other] = [(); 2].map(|()| cluster.socket_url(&cluster.database()));
    let _one = Hold::take(&one).unwrap();
    assert_eq!(Hold::take(&other).unwrap().keep().unwrap(), Kept::Throughout);
}
