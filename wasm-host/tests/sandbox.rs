//! Sandboxes: limits that hold, memory that tells nothing, errors that leave the sandbox usable.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use gelcap_compiler::abi::status::Exception;
use gelcap_compiler::request::Request;
use gelcap_wasm_host::{Access, Argument, Execution, Failure, Limits, Program, Sandbox, Stop};

/// Every shape of code that may run for ever or nearly so, each under a name of its own. All take one large integer.
const ENDLESS: &str = "
import numpy as np
#pythran export tight(int)
#pythran export floats(int)
#pythran export nested(int)
#pythran export triangle(int)
#pythran export steps(int)
#pythran export back(int)
#pythran export unknown_step(int)
#pythran export forever(int)
#pythran export hot_while(int)
#pythran export breaks(int)
#pythran export continues(int)
#pythran export recursion(int)
#pythran export chain(int)
#pythran export calls(int)
#pythran export array(int)
#pythran export copies(int)
#pythran export reduction(int)
#pythran export wrapping(int)
#pythran export tail(int)

def tight(n):
    s = 0
    for i in range(n):
        s ^= i
    return s

def floats(n):
    s = 0.0
    for i in range(n):
        s = s * 0.5 + i
    return s

def nested(n):
    s = 0
    for i in range(n):
        for j in range(3):
            for k in range(n):
                s ^= i + j
    return s

def triangle(n):
    s = 0
    for i in range(n):
        for j in range(i % 7):
            s ^= j
    return s

def steps(n):
    s = 0
    for i in range(0, n, 3):
        s ^= i
    return s

def back(n):
    s = 0
    for i in range(n, 0, -1):
        s ^= i
    return s

def unknown_step(n):
    s = 0
    for i in range(0, n, n % 5 + 1):
        s ^= i
    return s

def forever(n):
    while True:
        pass

def hot_while(n):
    s = 0
    while s != n:
        s = (s * 5 + 1) & 0xffff
    return s

def breaks(n):
    i = 0
    while True:
        i = (i + 1) & 0xff
        if i == n:
            break
    return i

def continues(n):
    i = 0
    while i < n:
        if i > 5:
            i = 0
            continue
        i += 1
    return i

def recursion(n):
    return fib(60 + n % 2)

def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)

def chain(n):
    s = 0
    for i in range(n):
        s ^= up(up(i, n), n)
    return s

def up(x, n):
    s = x
    for i in range(n % 1000):
        s ^= i * 3
    return s

def calls(n):
    s = 0.0
    for i in range(n):
        s += np.sin(float(i))
    return s

def array(n):
    a = np.ones(1000000)
    s = 0.0
    for i in range(n):
        a[:] = np.sqrt(a + 1.0) * a - a / 3.0
    return a[0]

def copies(n):
    a = np.ones(4000000)
    for i in range(n):
        b = a.copy()
        a[:] = b
    return a[0]

def reduction(n):
    a = np.ones(4000000)
    s = 0.0
    for i in range(n):
        s += a.sum()
    return s

def wrapping(n):
    i = np.int64(0)
    step = np.int64(9223372036854775807)
    while i < np.int64(9223372036854775807):
        i = i + step + step + np.int64(3)
    return n

def tail(n):
    i = 9223372036854775807 - 100
    while i > 0:
        for j in range(i, 9223372036854775807, 7):
            n ^= j
    return n
";

fn sandbox(limits: Limits) -> Sandbox {
    Sandbox::new(limits).expect("a sandbox")
}

fn quick(millis: u64) -> Limits {
    Limits { timeout: Some(Duration::from_millis(millis)), ..Limits::default() }
}

fn compile(sandbox: &Sandbox, source: &str) -> Program {
    sandbox.compile(&Request::text("kernel.py", source)).unwrap_or_else(|e| panic!("{e}: {e:?}"))
}

fn call(program: &Program, name: &str, arguments: &[Argument]) -> Result<u64, Failure> {
    let index = program.kernel.find(name)?;
    let mut results = [0];
    // SAFETY: the tests' arguments live until after the call.
    unsafe { program.kernel.call(index, arguments, &mut results) }.map(|()| results[0])
}

fn names() -> Vec<&'static str> {
    let exports = ENDLESS.lines().filter_map(|l| l.strip_prefix("#pythran export "));
    exports.map(|l| l.split('(').next().unwrap_or_default()).collect()
}

#[test]
fn every_shape_of_loop_is_stopped_in_time() {
    let sandbox = sandbox(quick(20));
    let program = compile(&sandbox, ENDLESS);
    let names = names();
    assert!(names.len() >= 19);
    for name in names {
        for _ in 0..3 {
            let start = Instant::now();
            let outcome = call(&program, name, &[Argument::Slot(1 << 62)]);
            let took = start.elapsed();
            assert!(matches!(outcome, Err(Failure::Stopped(Stop::Timeout))), "{name}: {outcome:?}");
            // Generous: the machine may be busy. The figures are measured elsewhere.
            assert!(took >= Duration::from_millis(20) && took < Duration::from_millis(500), "{name}: {took:?}");
        }
    }
    assert_eq!(program.kernel.live_buffers(), 0, "what was cut short left nothing behind");
}

#[test]
fn the_interpreter_stops_them_too() {
    let sandbox = Sandbox::with_execution(quick(20), Execution::Interpreted).expect("a sandbox");
    let program = compile(&sandbox, ENDLESS);
    for name in ["tight", "nested", "forever", "recursion", "array"] {
        let outcome = call(&program, name, &[Argument::Slot(1 << 62)]);
        assert!(matches!(outcome, Err(Failure::Stopped(Stop::Timeout))), "{name}: {outcome:?}");
    }
}

const SMALL: &str = "
#pythran export twice(float)
#pythran export at(float64[], int)
#pythran export deep(int)
#pythran export spin(int)
def twice(x):
    return 2.0 * x

def at(a, i):
    return a[i]

def deep(n):
    if n == 0:
        return 0
    return 1 + deep(n - 1)

def spin(n):
    s = 0
    for i in range(n):
        s ^= i
    return s
";

fn twice(program: &Program, x: f64) -> f64 {
    f64::from_bits(call(program, "twice", &[Argument::Slot(x.to_bits())]).expect("it gives a number"))
}

#[test]
fn it_is_usable_after_every_failure() {
    let sandbox = sandbox(quick(10));
    let program = compile(&sandbox, SMALL);
    for _ in 0..5 {
        let spun = call(&program, "spin", &[Argument::Slot(1 << 62)]);
        assert!(matches!(spun, Err(Failure::Stopped(Stop::Timeout))), "{spun:?}");
        assert_eq!(twice(&program, 3.0), 6.0);
        let deep = call(&program, "deep", &[Argument::Slot(1 << 40)]).expect_err("too deep");
        assert_eq!(deep.exception(program.kernel.artifact()), Exception::RecursionError, "{deep:?}");
        let mut array = [1.0, 2.0];
        let start = array.as_mut_ptr().cast();
        let view = Argument::Memory { start, bytes: 16, access: Access::ReadOnly };
        let arguments = |i: u64| [view, Argument::Slot(2), Argument::Slot(8), Argument::Slot(i)];
        let outside = call(&program, "at", &arguments(2)).expect_err("outside");
        assert_eq!(outside.exception(program.kernel.artifact()), Exception::IndexError);
        assert_eq!(call(&program, "at", &arguments(1)).map(f64::from_bits).expect("inside"), 2.0);
        assert_eq!(call(&program, "deep", &[Argument::Slot(50)]).expect("not so deep"), 50);
    }
}

#[test]
fn cancelling_stops_what_runs_now_and_nothing_later() {
    let sandbox = sandbox(Limits { timeout: None, ..Limits::default() });
    let program = Arc::new(compile(&sandbox, SMALL));
    assert_eq!(sandbox.cancel(), 0);
    let running: Vec<_> = (0..3)
        .map(|_| {
            let program = Arc::clone(&program);
            thread::spawn(move || call(&program, "spin", &[Argument::Slot(1 << 62)]))
        })
        .collect();
    let mut stopped = 0;
    while stopped < 3 {
        thread::sleep(Duration::from_millis(1));
        stopped += sandbox.cancel();
    }
    for thread in running {
        let outcome = thread.join().expect("it lives");
        assert!(matches!(outcome, Err(Failure::Stopped(Stop::Cancelled))), "{outcome:?}");
    }
    assert_eq!(twice(&program, 1.5), 3.0);
    sandbox.close();
    assert!(matches!(call(&program, "twice", &[Argument::Slot(0)]), Err(Failure::Host(_))));
    assert!(sandbox.compile(&Request::text("kernel.py", SMALL)).is_err());
}

#[test]
fn threads_share_a_sandbox_and_one_deadline_stops_one_call() {
    let sandbox = sandbox(quick(30));
    let program = compile(&sandbox, SMALL);
    thread::scope(|scope| {
        for t in 0..4 {
            let program = &program;
            scope.spawn(move || {
                for k in 0..200 {
                    if t == 0 && k % 50 == 0 {
                        let spun = call(program, "spin", &[Argument::Slot(1 << 62)]);
                        assert!(matches!(spun, Err(Failure::Stopped(Stop::Timeout))), "{spun:?}");
                    }
                    assert_eq!(twice(program, f64::from(k)), f64::from(2 * k));
                    assert_eq!(call(program, "spin", &[Argument::Slot(3)]).expect("it ends"), 3);
                }
            });
        }
    });
}

#[test]
fn memory_is_limited_and_given_back() {
    let sandbox = sandbox(Limits { memory: 16 << 20, ..Limits::default() });
    let source = "
import numpy as np
#pythran export fill(int)
def fill(n):
    a = np.ones(n)
    return a.sum()
";
    let program = compile(&sandbox, source);
    for _ in 0..20 {
        assert_eq!(call(&program, "fill", &[Argument::Slot(1_000_000)]).map(f64::from_bits).expect("it fits"), 1e6);
        for n in [4_000_000u64, 1 << 40, 1 << 61, u64::MAX >> 1] {
            let failure = call(&program, "fill", &[Argument::Slot(n)]).expect_err("too much");
            let exception = failure.exception(program.kernel.artifact());
            assert!(matches!(exception, Exception::MemoryError | Exception::ValueError), "{n}: {failure:?}");
        }
    }
    assert!(sandbox.arena().heap_bytes() <= 16 << 20);
}

/// Reads through a raw pointer, which is as free in the guest's memory as C would be.
const RAW: &str = "
#pythran export scan(float64*, int, int)
#pythran export scribble(float64*, int, int)
#pythran export secret(float64*, int)
def scan(p, low, n):
    s = 0.0
    for i in range(low, n):
        v = p[i]
        if v == 12345.678:
            s += 1.0
    return s

def scribble(p, low, n):
    for i in range(low, n):
        p[i] = 12345.678
    return 0.0

def secret(p, n):
    s = 0.0
    for i in range(n):
        s += p[i]
    return s
";

#[test]
fn nothing_is_left_for_the_next_kernel_to_find() {
    let sandbox = sandbox(Limits { memory: 4 << 20, ..Limits::default() });
    let program = compile(&sandbox, RAW);
    let mut secret = vec![12345.678; 10_000];
    let memory = |array: &mut [f64]| Argument::Memory {
        start: array.as_mut_ptr().cast(),
        bytes: size_of_val(array),
        access: Access::Exclusive,
    };
    let told = call(&program, "secret", &[memory(&mut secret), Argument::Slot(10_000)]).map(f64::from_bits);
    assert!(told.expect("it reads its own") > 1e8);
    let found = |program: &Program| {
        let mut own = [0.0; 8];
        let mut low = 0;
        let mut sum = 0.0;
        // Piece by piece, since somewhere the guest's memory ends, and there is a closed page at its start.
        while low < 200_000 {
            let arguments = [memory(&mut own), Argument::Slot(low), Argument::Slot(low + 1000)];
            match call(program, "scan", &arguments) {
                Ok(bits) => sum += f64::from_bits(bits),
                Err(failure) => assert_eq!(failure.exception(program.kernel.artifact()), Exception::IndexError),
            }
            low += 1000;
        }
        sum
    };
    assert_eq!(found(&program), 0.0);
    // What a kernel writes all over the place is gone as well, and no harm to others.
    let mut own = [0.0; 8];
    for low in (0..100_000u64).step_by(500) {
        let _ = call(&program, "scribble", &[memory(&mut own), Argument::Slot(low), Argument::Slot(low + 500)]);
    }
    assert_eq!(found(&program), 0.0);
    let other = compile(&sandbox, SMALL);
    assert_eq!(twice(&other, 4.0), 8.0);
}

#[test]
fn scribbling_does_not_keep_the_limits_away() {
    let sandbox = sandbox(quick(30));
    let source = "
#pythran export escape(float64*, int)
def escape(p, n):
    for i in range(-4000, 4000):
        p[i] = 0.0
    return spin(n)

def spin(n):
    s = 0
    while s != -1:
        s = (s + n) & 0xff
    return s
";
    let program = compile(&sandbox, source);
    for _ in 0..3 {
        let mut own = [1.0; 8000];
        let memory = Argument::Memory { start: own.as_mut_ptr().cast(), bytes: 64_000, access: Access::Exclusive };
        let start = Instant::now();
        let failure = call(&program, "escape", &[memory, Argument::Slot(1)]).expect_err("it does not end");
        let stopped = matches!(failure, Failure::Stopped(Stop::Timeout));
        // Below its array there may be a closed page.
        assert!(stopped || failure.exception(program.kernel.artifact()) == Exception::IndexError, "{failure:?}");
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn unsafe_options_in_a_source_do_nothing() {
    let sandbox = sandbox(Limits::default());
    let program = compile(
        &sandbox,
        "# gelcap: boundscheck=False\n#pythran export at(float64[], int)\ndef at(a, i):\n    return a[i]\n",
    );
    let mut array = [1.0, 2.0];
    let view = Argument::Memory { start: array.as_mut_ptr().cast(), bytes: 16, access: Access::ReadOnly };
    let failure = call(&program, "at", &[view, Argument::Slot(2), Argument::Slot(8), Argument::Slot(5)]);
    assert_eq!(failure.expect_err("outside").exception(program.kernel.artifact()), Exception::IndexError);
}
