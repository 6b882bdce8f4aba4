//! What other libraries do to the process: signal handlers replaced, forks. One test, since both are process-wide.

mod support;

use gelcap_wasm_host::{Failure, Kernel, Trap};
use support::*;

const SIGNALS: [i32; 3] = [libc::SIGSEGV, libc::SIGILL, libc::SIGFPE];
const TOLD: i32 = 77;

/// Stands for `faulthandler`: it reports and ends the process.
extern "C" fn report(_signal: i32) {
    // SAFETY: ends the process, which is allowed in a signal handler.
    unsafe { libc::_exit(TOLD) }
}

fn replace_handlers() {
    for signal in SIGNALS {
        // SAFETY: the handler does nothing that is not allowed in one.
        unsafe { libc::signal(signal, report as extern "C" fn(i32) as usize) };
    }
}

/// Runs `job` in a child process; its exit status, or the signal it died of as a negative number.
fn in_child(job: impl FnOnce() -> i32) -> i32 {
    // SAFETY: the child does nothing but run the job and leave.
    unsafe {
        match libc::fork() {
            0 => libc::_exit(job()),
            child => {
                let mut status = 0;
                assert_eq!(libc::waitpid(child, &mut status, 0), child);
                if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) }
            }
        }
    }
}

fn sum(kernel: &Kernel) -> f64 {
    let mut slots = [1f64.to_bits(), 2f64.to_bits()];
    kernel.call_packed(0, &mut slots).map_or(f64::NAN, |()| f64::from_bits(slots[0]))
}

fn check_traps(kernel: &Kernel) {
    let trap = |index| match kernel.call_packed(index, &mut [0]) {
        Err(Failure::Trap(trap)) => trap,
        other => panic!("{other:?}"),
    };
    assert_eq!(trap(1), Trap::StackOverflow);
    assert_eq!(trap(2), Trap::OutOfBounds);
    assert!(matches!(trap(3), Trap::Internal { .. }));
    assert!(matches!(trap(4), Trap::Internal { .. }));
}

#[test]
fn other_handlers_and_forks() {
    let entries = vec![add(), forever(1), follow(), divide(), unreachable()];
    let kernel = Kernel::load(artifact(entries, &[])).expect("the artifact loads");
    check_traps(&kernel);
    for _ in 0..3 {
        replace_handlers();
        // Whoever replaces handlers does not call a kernel within nanoseconds.
        std::thread::sleep(std::time::Duration::from_micros(10));
        check_traps(&kernel);
    }
    // A fault outside of guests still reaches the handler that was installed.
    let told = in_child(|| {
        // SAFETY: the fault is the point.
        unsafe { std::ptr::null_mut::<u8>().wrapping_add(8).write_volatile(1) };
        0
    });
    assert_eq!(told, TOLD);
    // A handler that returns from the same fault again and again must not hang the process.
    extern "C" fn useless(_signal: i32) {}
    let died = in_child(|| {
        // SAFETY: the handler does nothing.
        unsafe { libc::signal(libc::SIGSEGV, useless as extern "C" fn(i32) as usize) };
        if sum(&kernel) != 3.0 {
            return 1;
        }
        // SAFETY: the fault is the point.
        unsafe { std::ptr::null_mut::<u8>().wrapping_add(8).write_volatile(1) };
        0
    });
    assert_eq!(died, -libc::SIGSEGV);
    // Kernels go on in a child, traps included, and the parent's memory is its own.
    let in_fork = in_child(|| {
        let trapped = matches!(kernel.call_packed(2, &mut [0]), Err(Failure::Trap(Trap::OutOfBounds)));
        if trapped && sum(&kernel) == 3.0 { 5 } else { 1 }
    });
    assert_eq!(in_fork, 5);
    assert_eq!(sum(&kernel), 3.0);
}
