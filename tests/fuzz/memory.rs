//! An allocator that counts, for each thread by itself.
#![expect(unsafe_code, reason = "an allocator is unsafe to write")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

thread_local! {
    /// Bytes that this thread holds, and the most it held since [`peak_of`] began. Other threads may free what this one
    /// allocated, so the first can be below zero.
    static HELD: Cell<(i64, i64)> = const { Cell::new((0, 0)) };
}

fn count(change: i64) {
    // A thread that is about to end has no counter any more.
    let _ = HELD.try_with(|held| {
        let (now, peak) = held.get();
        held.set((now + change, peak.max(now + change)));
    });
}

fn signed(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller's promises are those that the system's allocator wants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both may be there for a moment.
        count(signed(size));
        // SAFETY: as above.
        let moved = unsafe { System.realloc(place, layout, size) };
        count(-signed(layout.size()));
        moved
    }
}

/// Makes an allocation fail, and with it the test, before the machine runs out of memory.
pub(crate) fn limit_process() {
    let most = Some(3 << 30);
    let limit = rustix::process::Rlimit { current: most, maximum: most };
    rustix::process::setrlimit(rustix::process::Resource::As, limit).unwrap();
}

/// The most bytes that `work` held at a time on this thread, beyond what was held before.
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let (before, _) = HELD.get();
    HELD.set((before, before));
    let result = work();
    let (_, peak) = HELD.get();
    (result, usize::try_from(peak - before).unwrap_or(0))
}

#[test]
fn the_peak_is_what_was_held_at_a_time() {
    let ((), peak) = peak_of(|| {
        for _ in 0..10 {
            drop(std::hint::black_box(vec![1_u8; 100_000]));
        }
    });
    assert!((100_000..120_000).contains(&peak), "{peak}");
    let (_kept, peak) = peak_of(|| std::hint::black_box(Vec::<u8>::with_capacity(1 << 30)));
    assert!(peak >= 1 << 30, "{peak}");
}
