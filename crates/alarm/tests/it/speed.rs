//! How long a step over many endpoints takes. Figures, not promises: run it alone, by `--run-ignored only`, in a release
//! build.

use certvigil_model::Observation;

use crate::testing::*;

const MANY: u64 = 100_000;

#[test]
#[ignore = "measures; a release build on a quiet machine"]
#[expect(clippy::print_stdout, reason = "it measures and says so")]
fn a_step_over_a_hundred_thousand_endpoints() {
    let mut world = World::new(no_brake());
    let at = |number: u64, observation: Observation| {
        at_target(&format!("n{number}.example"), observation)
    };
    let all = |bad: u64| -> Vec<Observation> {
        (0..MANY)
            .map(|number| at(number, if number < bad { soon(number) } else { good(number) }))
            .collect()
    };
    let lost: Vec<_> = (0..MANY)
        .map(|number| at(number, if number < 1000 { unreachable(number) } else { good(number) }))
        .collect();
    for (name, round) in [
        ("all good, the first", all(0)),
        ("all good", all(0)),
        ("one certificate at 50,000 places ends soon", all(50_000)),
        ("the same again", all(50_000)),
        ("1,000 unreachable", lost.clone()),
        ("the same again: 1,000 open", lost),
        ("all good again", all(0)),
    ] {
        world.pass(HOUR);
        world.round(round);
        println!("{name}: {:?}", world.took);
    }
}
