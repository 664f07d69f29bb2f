//! Virtual time: points in it, and the window of a cancel request.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A point in virtual time, in seconds since the start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Ticks(pub u64);

/// Hashed as an `i128`, which nothing else is: so a checker can tell a point in time from a number,
/// and take two states for equal in which the same time is left until each deadline.
impl Hash for Ticks {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_i128(i128::from(self.0));
    }
}

impl Ticks {
    /// The point `seconds` later. Saturates instead of wrapping.
    pub fn after(self, seconds: u32) -> Ticks {
        Ticks(self.0.saturating_add(u64::from(seconds)))
    }

    /// The same point if the clock is set back by these ticks, to `now`; `now` if it has passed.
    pub fn set_back(self, ticks: u64, now: Ticks) -> Ticks {
        self.shifted(0, ticks, now)
    }

    /// The same point if the clock is set forward or back by these ticks, to `now`; `now` if it has
    /// passed.
    pub fn shifted(self, forward: u64, back: u64, now: Ticks) -> Ticks {
        Ticks(self.0.saturating_add(forward).saturating_sub(back)).max(now)
    }
}

impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

/// `ulSeconds`: how long to wait for the server to complete the call after the request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Window {
    /// This number of seconds; 0 never waits.
    Seconds(u32),
    /// `RPC_C_CANCEL_INFINITE_TIMEOUT`: only a reply ends the window.
    Infinite,
}

impl Window {
    /// The value of `ulSeconds` that means "infinite"; never a number of seconds.
    pub const INFINITE: u32 = u32::MAX;

    /// Reads `ulSeconds` as it is passed to `Cancel`.
    pub fn from_ul_seconds(ul_seconds: u32) -> Window {
        match ul_seconds {
            Window::INFINITE => Window::Infinite,
            seconds => Window::Seconds(seconds),
        }
    }

    /// When a window that opens at `now` ends; `None` when it never does.
    pub fn deadline(self, now: Ticks) -> Option<Ticks> {
        match self {
            Window::Seconds(seconds) => Some(now.after(seconds)),
            Window::Infinite => None,
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Seconds(seconds) => write!(f, "{seconds}"),
            Window::Infinite => f.write_str("infinite"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ones_is_infinite_and_never_a_number_of_seconds() {
        assert_eq!(Window::from_ul_seconds(u32::MAX), Window::Infinite);
        assert_eq!(Window::from_ul_seconds(u32::MAX - 1), Window::Seconds(u32::MAX - 1));
        assert_eq!(Window::Infinite.deadline(Ticks(7)), None);
    }

    #[test]
    fn a_deadline_never_wraps() {
        let late = Ticks(u64::MAX - 1);
        assert_eq!(Window::Seconds(u32::MAX - 1).deadline(late), Some(Ticks(u64::MAX)));
    }
}
