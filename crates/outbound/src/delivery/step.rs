//! Where a process may die.

/// A moment of a delivery. What lies between two of them is one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Nothing has been asked.
    Begun,
    /// What stands in the tracker was read.
    Looked,
    /// An issue is about to be made.
    BeforeCreate,
    /// The tracker says that it was made; nobody else knows yet.
    Created,
    /// It was read back by its id.
    ReadBack,
    /// It was found by its key.
    FoundByKey,
    /// A double is about to be closed.
    BeforeDouble,
    /// The double was told of the issue that stays, and is still open.
    DoubleTold,
    /// The double is closed.
    DoubleClosed,
    /// A comment is about to be made.
    BeforeComment,
    /// The tracker says that it was made.
    Commented,
    /// An issue is about to be closed or reopened.
    BeforeSet,
    /// The tracker says that it was.
    Set,
    /// The block of state is about to be overwritten.
    BeforeRemember,
    /// The tracker says that it was.
    Remembered,
    /// What came of it is known here, and not yet kept.
    Ended,
}

impl Step {
    /// All of them, in the order in which a delivery may pass them.
    pub const ALL: &[Self] = &[
        Self::Begun,
        Self::Looked,
        Self::BeforeCreate,
        Self::Created,
        Self::ReadBack,
        Self::FoundByKey,
        Self::BeforeDouble,
        Self::DoubleTold,
        Self::DoubleClosed,
        Self::BeforeComment,
        Self::Commented,
        Self::BeforeSet,
        Self::Set,
        Self::BeforeRemember,
        Self::Remembered,
        Self::Ended,
    ];
}
