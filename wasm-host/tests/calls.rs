//! Calls with scalars and with memory; failures; the arena.

mod support;

use std::sync::Arc;
use std::thread;

use gelcap_compiler::abi::status::Exception;
use gelcap_wasm_host::{Access, Arena, Argument, Failure, HostError, Kernel, PAGE, Trap};
use support::*;
use wasm_encoder::Instruction as I;

fn load(entries: Vec<Entry>) -> Kernel {
    Kernel::load(artifact(entries, &[])).expect("the artifact loads")
}

fn memory(array: &mut [f64], access: Access) -> Argument {
    Argument::Memory { start: array.as_mut_ptr().cast(), bytes: size_of_val(array), access }
}

#[test]
fn scalars_and_raises() {
    let kernel = load(vec![add(), fail()]);
    let mut slots = [4f64.to_bits(), 5f64.to_bits()];
    kernel.call_packed(0, &mut slots).expect("a sum");
    assert_eq!(f64::from_bits(slots[0]), 9.0);
    for x in [7i64, -1] {
        let failure = kernel.call_packed(1, &mut [x as u64]).expect_err("it raises");
        assert!(matches!(failure, Failure::Raised { site: 0, payload: [p, 0, 0, 0] } if p == x));
        assert_eq!(failure.exception(kernel.artifact()), Exception::ZeroDivisionError);
        assert_eq!(failure.message(kernel.artifact()), format!("site {x}"));
    }
    assert!(matches!(kernel.find("nothing"), Err(HostError::NoSuchKernel { .. })));
    assert_eq!(kernel.find("fail").ok(), Some(1));
}

#[test]
fn traps_are_exceptions_and_the_kernel_goes_on() {
    let kernel = load(vec![add(), forever(1), follow(), divide(), unreachable()]);
    for _ in 0..3 {
        let overflow = kernel.call_packed(1, &mut [0]).expect_err("endless recursion");
        assert!(matches!(overflow, Failure::Trap(Trap::StackOverflow)), "{overflow:?}");
        assert_eq!(overflow.exception(kernel.artifact()), Exception::RecursionError);
        let null = kernel.call_packed(2, &mut [0]).expect_err("a null pointer");
        assert!(matches!(null, Failure::Trap(Trap::OutOfBounds)), "{null:?}");
        let beyond = kernel.call_packed(2, &mut [0xffff_fff8]).expect_err("a wild pointer");
        assert!(matches!(beyond, Failure::Trap(Trap::OutOfBounds)), "{beyond:?}");
        let division = kernel.call_packed(3, &mut [0]).expect_err("a division by zero");
        assert!(matches!(division, Failure::Trap(Trap::Internal { .. })), "{division:?}");
        assert!(matches!(kernel.call_packed(4, &mut []), Err(Failure::Trap(Trap::Internal { .. }))));
        let mut slots = [1f64.to_bits(), 2f64.to_bits()];
        kernel.call_packed(0, &mut slots).expect("a sum");
        assert_eq!(f64::from_bits(slots[0]), 3.0);
    }
}

#[test]
fn a_small_thread_survives_endless_recursion() {
    let kernel = load(vec![forever(0)]);
    let small = thread::Builder::new().stack_size(128 << 10);
    let outcome = small.spawn(move || kernel.call_packed(0, &mut [0])).expect("a thread").join().expect("it lives");
    assert!(matches!(outcome, Err(Failure::Trap(Trap::StackOverflow))));
}

#[test]
fn arrays_are_copied_in_and_back() {
    let kernel = load(vec![accumulate()]);
    let mut p = vec![1.0; 5000];
    let mut q: Vec<f64> = (0..5000).map(f64::from).collect();
    let arguments = [memory(&mut p, Access::Shared), memory(&mut q, Access::ReadOnly), Argument::Slot(4999)];
    // SAFETY: both arrays outlive the call.
    unsafe { kernel.call(0, &arguments, &mut []) }.expect("it runs");
    assert!(p[..4999].iter().enumerate().all(|(i, x)| *x == 1.0 + i as f64));
    assert_eq!(p[4999], 1.0);
    assert_eq!(q[4999], 4999.0);
}

#[test]
fn aliases_alias_in_the_guest() {
    let kernel = load(vec![accumulate()]);
    // p[k] += p[k-1]: each element depends on the one just written.
    let mut a = [1.0; 6];
    let start = a.as_mut_ptr();
    let bytes = 5 * size_of::<f64>();
    let shifted = Argument::Memory { start: start.wrapping_add(1).cast(), bytes, access: Access::Shared };
    let whole = Argument::Memory { start: start.cast(), bytes, access: Access::ReadOnly };
    // SAFETY: both ranges lie in `a`.
    unsafe { kernel.call(0, &[shifted, whole, Argument::Slot(5)], &mut []) }.expect("it runs");
    assert_eq!(a, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn views_lead_backwards_and_back_to_the_host() {
    // It leaves its slots as they are: the argument is the result.
    let kernel = load(vec![Entry::new("echo", &[("p", DOUBLES)], vec![I::I32Const(0)])]);
    let mut a = [1.0, 2.0, 3.0];
    let start = a.as_mut_ptr().cast::<u8>();
    let view = Argument::View { start, bytes: size_of_val(&a), offset: 16, access: Access::Shared };
    let mut found = Vec::new();
    // SAFETY: the array outlives the call.
    let called = unsafe {
        kernel.call_with(0, &[view], &mut [0], |slots, places| {
            for step in [0, -16, 8] {
                found.push(places.argument(slots[0].wrapping_add_signed(step)));
            }
            found.push(places.argument(slots[0] + (1 << 20)));
            found.push(places.guest(slots[0], usize::MAX));
        })
    };
    called.expect("it runs");
    let host = |offset: usize| Some(start.wrapping_add(offset));
    assert_eq!(found, [host(16), host(0), host(24), None, None]);
}

#[test]
fn concurrent_writers_of_one_array_keep_their_parts() {
    // The fourth parameter only makes the whole array travel along with each call.
    let mut entry = accumulate();
    entry.params.push(("whole", DOUBLES));
    let kernel = load(vec![entry]);
    let mut array = vec![0f64; 4096];
    let start = array.as_mut_ptr().expose_provenance();
    let add_one = |kernel: &Kernel, index: usize| {
        let whole = std::ptr::with_exposed_provenance_mut::<f64>(start);
        let mut one = 1.0;
        let shared = |start: *mut f64, bytes| Argument::Memory { start: start.cast(), bytes, access: Access::Shared };
        let place = shared(whole.wrapping_add(index), 8);
        let one = Argument::Memory { start: (&raw mut one).cast(), bytes: 8, access: Access::ReadOnly };
        let arguments = [place, one, Argument::Slot(1), shared(whole, 4096 * 8)];
        // SAFETY: the array outlives the scope below.
        unsafe { kernel.call(0, &arguments, &mut []) }.expect("it runs");
    };
    thread::scope(|scope| {
        for part in 0..4 {
            let (kernel, add_one) = (kernel.clone(), &add_one);
            scope.spawn(move || (0..1024).for_each(|k| add_one(&kernel, part * 1024 + k)));
        }
    });
    assert!(array.iter().all(|x| *x == 1.0));
}

#[test]
fn memory_of_the_arena_is_used_in_place() {
    let arena = Arena::new(PAGE * 16).expect("an arena");
    let kernel = Kernel::load_in(artifact(vec![accumulate(), fail()], &[]), arena.clone()).expect("it loads");
    let (p, q) = (arena.alloc(80).expect("p"), arena.alloc(80).expect("q"));
    // SAFETY: ten doubles each.
    let (doubles, ones) = unsafe {
        (
            std::slice::from_raw_parts_mut(p.host().cast::<f64>(), 10),
            std::slice::from_raw_parts_mut(q.host().cast::<f64>(), 10),
        )
    };
    doubles.fill(1.5);
    ones.fill(1.0);
    let mut slots = [u64::from(p.guest()), u64::from(q.guest()), 10];
    kernel.call_packed(0, &mut slots).expect("it runs by guest address");
    let arguments = [memory(doubles, Access::Shared), memory(ones, Access::ReadOnly), Argument::Slot(10)];
    // SAFETY: both regions outlive the call.
    unsafe { kernel.call(0, &arguments, &mut []) }.expect("it runs by host address");
    assert_eq!(doubles, [3.5; 10]);
    // A view outlives the kernel and every other handle to the arena.
    drop((kernel, arena, q));
    assert_eq!(doubles, [3.5; 10]);
    drop(p);
}

#[test]
fn a_full_arena_is_a_memory_error() {
    let kernel = Kernel::load_in(artifact(vec![accumulate()], &[]), Arena::new(PAGE * 2).expect("an arena"));
    let kernel = kernel.expect("it loads");
    let mut p = vec![1.0; 100_000];
    let mut q = vec![1.0; 10];
    let arguments = [memory(&mut p, Access::Shared), memory(&mut q, Access::ReadOnly), Argument::Slot(1)];
    // SAFETY: both arrays outlive the call.
    let failure = unsafe { kernel.call(0, &arguments, &mut []) }.expect_err("no room");
    assert_eq!(failure.exception(kernel.artifact()), Exception::MemoryError);
    let arguments = [memory(&mut p[..1], Access::Shared), memory(&mut q, Access::ReadOnly), Argument::Slot(1)];
    // SAFETY: both arrays outlive the call.
    unsafe { kernel.call(0, &arguments, &mut []) }.expect("a smaller one fits");
    assert_eq!(p[0], 2.0);
}

#[test]
fn constants_are_placed_per_kernel() {
    let value = |k: u64| vec![I::GlobalGet(0), I::F64Load(at(8 * k))];
    let table = |first: f64| [first.to_le_bytes(), (first + 1.0).to_le_bytes()].concat();
    let arena = Arena::new(PAGE * 16).expect("an arena");
    let kernels = [10.0, 20.0].map(|first| {
        let sum = give([value(0), value(1), vec![I::F64Add]].concat());
        let artifact = artifact(vec![Entry::new("sum", &[], sum)], &table(first));
        Kernel::load_in(artifact, arena.clone()).expect("it loads")
    });
    for (kernel, sum) in kernels.iter().zip([21.0, 41.0]) {
        let mut results = [0];
        // SAFETY: no memory is passed.
        unsafe { kernel.call(0, &[], &mut results) }.expect("it runs");
        assert_eq!(f64::from_bits(results[0]), sum);
    }
}

#[test]
fn foreign_modules_are_refused() {
    let mut native = Arc::unwrap_or_clone(artifact(vec![add()], &[]));
    native.abi_version += 1;
    assert!(matches!(Kernel::load(Arc::new(native)), Err(HostError::AbiVersion { .. })));
    let mut broken = Arc::unwrap_or_clone(artifact(vec![add()], &[]));
    broken.code = gelcap_compiler::artifact::Code::Wasm(b"\0asm\x01\0\0\0\x63".to_vec());
    assert!(matches!(Kernel::load(Arc::new(broken)), Err(HostError::Module { .. })));
    // Constants in the null page would be written by host code.
    let mut lost = Arc::unwrap_or_clone(artifact(vec![add()], &[1; 8]));
    if let gelcap_compiler::artifact::Code::Wasm(bytes) = &mut lost.code {
        let at = bytes.windows(4).position(|w| w == b"\0\x23\0\x0b").expect("a segment");
        bytes[at + 1] = 0x41;
    }
    assert!(
        matches!(Kernel::load(Arc::new(lost)), Err(HostError::Module { message }) if message.contains("memory base"))
    );
    // Bulk memory runs in host code, where a closed page would kill the process.
    let fill = vec![I::I32Const(0), I::I32Const(0), I::I32Const(8), I::MemoryFill(0), I::I32Const(0)];
    assert!(matches!(
        Kernel::load(artifact(vec![Entry::new("fill", &[], fill)], &[])),
        Err(HostError::Module { message }) if message.contains("bulk memory")
    ));
}
