//! Decides what is wrong: a pure function of facts, policy, anchors and now
