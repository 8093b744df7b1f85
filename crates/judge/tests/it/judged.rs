//! Whole endpoints with real certificates: which findings, of which severity, and no others.

use certvigil_judge::{Beside, Profile, judge_target, unseen};
use certvigil_model::{Capture, Datum, Ended, Outcome, Phase, Policy, Severity, Time, Verdict};
use rcgen::{ExtendedKeyUsagePurpose, IsCa};

use crate::minted::{
    Authority, NOW, capture, certificate, days, ids, judge, judge_by, self_signed, target,
};

#[test]
fn a_good_chain_has_no_findings() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", 1500);
    let leaf = issuing.issue(|_| {});
    let judgement = judge(&[leaf.clone(), issuing.certificate.clone()], &[&root.certificate]);
    assert_eq!(ids(&judgement), [""; 0]);
    assert_eq!(judgement.verdict(), Verdict::Ok);
    assert_eq!(judgement.effective_expiry, Some(after(60)));
    let path = [&leaf, &issuing.certificate, &root.certificate].map(|held| held.fingerprint);
    assert_eq!(judgement.trust[0].path, path);
}

#[test]
fn an_expired_chain_is_expired_and_not_untrusted() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", 1500);
    let leaf = issuing.issue(|params| params.not_after = days(-5));
    let judgement = judge(&[leaf.clone(), issuing.certificate.clone()], &[&root.certificate]);
    assert_eq!(ids(&judgement), ["expired"]);
    assert_eq!(judgement.verdict(), Verdict::Critical);
    assert_eq!(judgement.findings[0].certificate, Some(leaf.fingerprint));
    assert_eq!(judgement.findings[0].data["seconds_left"], Datum::Number(-5 * 86_400));
}

#[test]
fn an_expired_intermediate_is_named() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", -3);
    let leaf = issuing.issue(|_| {});
    let judgement = judge(&[leaf, issuing.certificate.clone()], &[&root.certificate]);
    let own: Vec<_> = ids(&judgement).into_iter().filter(|id| *id == "expired").collect();
    assert_eq!((own.len(), judgement.verdict()), (1, Verdict::Critical));
    assert_eq!(judgement.findings[0].certificate, Some(issuing.certificate.fingerprint));
    assert!(!ids(&judgement).contains(&"untrusted"));
}

#[test]
fn an_expired_certificate_of_an_unknown_authority_is_both() {
    let (root, other) = (Authority::root("Root CA"), Authority::root("Other Root"));
    let leaf = root.issue(|params| params.not_after = days(-5));
    let judgement = judge(&[leaf, root.certificate.clone()], &[&other.certificate]);
    assert_eq!(ids(&judgement)[..2], ["expired", "untrusted"]);
}

#[test]
fn what_is_not_valid_yet_is_no_other_fault() {
    let root = Authority::root("Root CA");
    let leaf = root.issue(|params| {
        params.not_before = days(1);
        params.not_after = days(90);
    });
    assert_eq!(ids(&judge(&[leaf], &[&root.certificate])), ["not-yet-valid"]);
}

#[test]
fn a_missing_intermediate_is_told_beside_the_lack_of_trust() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", 1500);
    let judgement = judge(&[issuing.issue(|_| {})], &[&root.certificate]);
    assert_eq!(ids(&judgement), ["untrusted", "chain-incomplete"]);
    assert_eq!(judgement.findings[1].severity, Severity::Warning);
    assert!(judgement.findings[1].message.contains("issuer CN=Issuing CA was neither sent"));
}

#[test]
fn a_root_that_is_known_and_did_not_sign_leaves_nothing_out() {
    let (root, twin) = (Authority::root("Root CA"), Authority::root("Root CA"));
    assert_eq!(ids(&judge(&[twin.issue(|_| {})], &[&root.certificate])), ["untrusted"]);
}

#[test]
fn order_does_not_matter_for_trust_and_is_told() {
    let root = Authority::root("Root CA");
    let upper = root.below("Upper CA", 1500);
    let lower = upper.below("Lower CA", 1400);
    let chain = [lower.issue(|_| {}), upper.certificate.clone(), lower.certificate.clone()];
    assert_eq!(ids(&judge(&chain, &[&root.certificate])), ["chain-out-of-order"]);
}

#[test]
fn self_signed_is_fatal_only_where_nobody_pinned_it() {
    let (own, root) = (self_signed(), Authority::root("Root CA"));
    assert_eq!(
        ids(&judge(std::slice::from_ref(&own), &[&root.certificate])),
        ["untrusted", "self-signed"]
    );
    let pinned = judge(std::slice::from_ref(&own), &[&own]);
    assert_eq!((ids(&pinned), pinned.verdict()), (vec!["self-signed"], Verdict::Ok));
}

#[test]
fn a_path_that_ends_first_is_told_with_what_ends_it() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", 20);
    let leaf = issuing.issue(|_| {});
    let judgement = judge_by(
        &[leaf, issuing.certificate.clone()],
        &[Profile::new("mozilla", true, vec![root.certificate.clone()])],
    );
    assert_eq!(ids(&judgement), ["path-expires-first", "child-outlives-parent"]);
    assert_eq!(judgement.findings[0].severity, Severity::Warning);
    assert_eq!(judgement.findings[0].certificate, Some(issuing.certificate.fingerprint));
    assert_eq!(judgement.effective_expiry, Some(after(20)));
}

/// May 2020: the server sends a cross-certificate that has ended. A client with the new root never
/// minds; one with the old root alone fails.
#[test]
fn an_ended_cross_certificate_splits_the_clients() {
    let (old, new) = (Authority::root("Old Root"), Authority::root("New Root"));
    let cross = old.cross(&new, "New Root", -3);
    let chain = [new.issue(|_| {}), cross];
    let modern = judge(&chain, &[&new.certificate]);
    assert_eq!(ids(&modern), ["child-outlives-parent", "superfluous-expired"]);
    assert_eq!(modern.verdict(), Verdict::Ok);
    let split = judge_by(
        &chain,
        &[
            Profile::new("new", true, vec![new.certificate.clone()]),
            Profile::new("old", true, vec![old.certificate.clone()]),
        ],
    );
    assert_eq!(split.verdict(), Verdict::Warning);
    assert_eq!(split.findings[0].id, "no-common-trust");
    assert!(split.findings[0].message.starts_with("new trusts the certificate; old does not"));
}

#[test]
fn a_client_certificate_on_a_server_is_useless() {
    let root = Authority::root("Root CA");
    let leaf =
        root.issue(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let judgement = judge(&[leaf], &[&root.certificate]);
    assert_eq!(judgement.verdict(), Verdict::Critical);
    assert!(ids(&judgement).contains(&"client-auth-only"));
}

#[test]
fn an_authority_as_a_server_is_worth_knowing() {
    let root = Authority::root("Root CA");
    let leaf = root.issue(|params| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    let judgement = judge(&[leaf], &[&root.certificate]);
    assert_eq!((ids(&judgement), judgement.verdict()), (vec!["ca-as-end-entity"], Verdict::Ok));
}

#[test]
fn an_authority_of_ours_is_watched_from_a_year_ahead() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", 200);
    let chain = [issuing.issue(|_| {}), issuing.certificate.clone()];
    let ours = judge(&chain, &[&root.certificate]);
    assert_eq!(ids(&ours), [""; 0], "600 days of life: W is 180");
    let near = root.below("Issuing CA", 60);
    let chain = [near.issue(|params| params.not_after = days(50)), near.certificate.clone()];
    let ours = judge(&chain, &[&root.certificate]);
    assert_eq!((ids(&ours), ours.verdict()), (vec!["expires-soon"], Verdict::Warning));
    assert_eq!(ours.findings[0].certificate, Some(near.certificate.fingerprint));
    let public = judge_by(&chain, &[Profile::new("mozilla", true, vec![root.certificate.clone()])]);
    assert_eq!(ids(&public), [""; 0]);
}

/// A certificate cut short at every byte: some verdict each time, never a good one, never a panic.
#[test]
fn a_cut_certificate_is_never_good() {
    let root = Authority::root("Root CA");
    let der = root.issue(|_| {}).der;
    for end in (0..der.len()).step_by(7) {
        let cut = certificate(&der[..end]);
        let judgement = judge(&[cut], &[&root.certificate]);
        assert_ne!(judgement.verdict(), Verdict::Ok, "cut at {end}");
    }
}

/// Whatever byte is changed, the signature holds no longer: no change passes for good.
#[test]
fn a_changed_certificate_is_never_good() {
    let root = Authority::root("Root CA");
    let der = root.issue(|_| {}).der;
    for at in 0..der.len() {
        let mut changed = der.to_vec();
        changed[at] ^= 1 << (at % 8);
        let judgement = judge(&[certificate(&changed)], &[&root.certificate]);
        assert_ne!(judgement.verdict(), Verdict::Ok, "byte {at}");
        for finding in &judgement.findings {
            let shown = [Some(&finding.message), finding.hint.as_ref()];
            let is_clean = |text: &&String| !text.contains(certvigil_model::is_unsafe_to_show);
            assert!(shown.iter().flatten().all(is_clean), "{finding:?}");
        }
    }
}

/// Drill 1: what cannot be read is unknown, whatever else is thought of it.
#[test]
fn rubbish_is_unknown_and_not_untrusted() {
    let root = Authority::root("Root CA");
    let judgement = judge(&[certificate(&[0x17; 64])], &[&root.certificate]);
    assert_eq!(judgement.verdict(), Verdict::Unknown);
    assert_eq!(judgement.findings[0].id, "unreadable");
}

#[test]
fn a_chain_of_thousands_costs_no_more_than_what_is_kept() {
    let root = Authority::root("Root CA");
    let issuing = root.below("Issuing CA", 1500);
    let extra = root.below("Extra CA", 1500).certificate;
    let mut chain = vec![issuing.issue(|_| {}), issuing.certificate.clone()];
    chain.extend(std::iter::repeat_n(extra, 5000));
    assert_eq!(ids(&judge(&chain, &[&root.certificate])), [""; 0]);
}

#[test]
fn an_endpoint_that_was_never_seen_is_unknown_by_its_outcome() {
    let ended = Ended::early(Outcome::Unresolved, Phase::Resolve, "the name does not exist");
    let judgement = unseen(&target("gone.example"), &Capture::begun(NOW, ended));
    assert_eq!(judgement.verdict(), Verdict::Unknown);
    let [finding] = &judgement.findings[..] else { panic!("{:?}", judgement.findings) };
    assert_eq!(finding.id, "unresolved");
    assert_eq!(finding.message, "the name does not exist");
    assert_eq!(finding.data["phase"], Datum::Text("resolve".to_owned()));
}

#[test]
fn two_addresses_of_a_target_are_compared() {
    let root = Authority::root("Root CA");
    let old = root.issue(|params| params.not_before = days(-85));
    let target = target("www.example.org");
    let chains = [vec![root.issue(|_| {})], vec![old.clone()]];
    let captures = chains.each_ref().map(|chain| capture(chain));
    let places = [1_u8, 2].map(|n| target.endpoint(Some(([192, 0, 2, n], 443).into()), None));
    let judgements = chains.each_ref().map(|chain| judge(chain, &[&root.certificate]));
    let presented = chains.map(|chain| [chain]);
    let looks: Vec<_> = (0..2)
        .map(|at| {
            let look = certvigil_judge::Look {
                target: &target,
                endpoint: &places[at],
                capture: &captures[at],
                presented: &presented[at],
            };
            (look, &judgements[at])
        })
        .collect();
    let findings = judge_target(&looks, &Beside::default(), &Policy::default(), NOW);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].id, "addresses-differ");
    let stale = Datum::List(vec![Datum::Text("192.0.2.2:443".to_owned())]);
    assert_eq!(findings[0].data["stale"], stale);
}

fn after(days: i64) -> Time {
    Time::from_seconds(NOW.seconds() + days * 86_400)
}
