//! A wasm kernel as a C function pointer.
//!
//! C calls a thunk with the plain signature; the handler here copies what the pointers lead to into the guest, calls the
//! packed entry, copies back and returns the result, with no Python in the path and on any thread. For that the extent
//! of every pointer must be known: from SciPy's signatures, whose meaning is documented, or stated by the user as
//! expressions over the integer parameters; otherwise [`Callback::new`] says which one is missing.
//!
//! A failure is told to [`OnError`] and the C function returns what its caller takes as failure: 0 as a status, NaN as
//! a number.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gelcap_compiler::abi::to_slot;
use gelcap_compiler::artifact::{CEntry, CType, Export, Param, ParamType, ResultType};
use gelcap_compiler::types::{Kind, Scalar};

use crate::call::Kernel;
use crate::extent::{Extent, ExtentError};
use crate::instance::{Instance, Program};
use crate::marshal::Access;
use crate::thunk::{Frame, Thunk};
use crate::traps::{Failure, Trap};

/// Parameters a callback may have.
const MAX_PARAMS: usize = 32;

/// Told of every failed call, on the thread that made it.
pub type OnError = Arc<dyn Fn(&Failure) + Send + Sync>;

/// Where the extents of a callback's pointers come from.
#[derive(Clone, Copy, Debug)]
pub enum Extents<'a> {
    /// The signature is one of those SciPy calls.
    Scipy,
    /// Numbers of elements by parameter name, as expressions over the integer parameters: `("in", "m*n")`.
    Given(&'a [(&'a str, &'a str)]),
}

/// What the signature's last pointer, the user data, leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserData {
    /// Nothing was bound: only a null pointer is accepted.
    Null,
    Bytes(usize),
}

/// Why a kernel cannot be a callback.
#[derive(Debug)]
pub enum CallbackError {
    NoCSignature {
        kernel: String,
    },
    UnknownExtent {
        kernel: String,
        param: String,
        signature: String,
    },
    BadExtent {
        param: String,
        text: String,
        error: ExtentError,
    },
    NoSuchParam {
        kernel: String,
        param: String,
    },
    /// The C signature's type has no counterpart in the kernel's.
    Mismatch {
        kernel: String,
        what: String,
    },
    /// No executable memory.
    Thunk(std::io::Error),
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallbackError::NoCSignature { kernel } => write!(f, "`{kernel}` has no C signature"),
            CallbackError::UnknownExtent { kernel, param, signature } => write!(
                f,
                "it is not known how many elements `{param}` of `{kernel}` leads to, and a wasm kernel gets a copy of \
                 them: `{signature}` is no signature of SciPy's; state the extent (for example `{param}=\"m*n\"`) or \
                 use the native target"
            ),
            CallbackError::BadExtent { param, text, error } => write!(f, "extent `{text}` of `{param}`: {error}"),
            CallbackError::NoSuchParam { kernel, param } => {
                write!(f, "an extent is given for `{param}`, but `{kernel}` has no pointer of that name")
            }
            CallbackError::Mismatch { kernel, what } => write!(f, "`{kernel}` cannot be called from C: {what}"),
            CallbackError::Thunk(error) => write!(f, "cannot make a C function: {error}"),
        }
    }
}

impl std::error::Error for CallbackError {}

/// A C function that runs a wasm kernel. It lives as long as this handle, or for good once [`Callback::address`] gave
/// its address away.
pub struct Callback {
    thunk: Option<Thunk>,
    target: Arc<Target>,
    given_away: AtomicBool,
}

impl Callback {
    pub fn new(
        kernel: &Kernel,
        index: usize,
        extents: Extents<'_>,
        user_data: UserData,
        on_error: OnError,
    ) -> Result<Callback, CallbackError> {
        let target = Arc::new(Target::plan(kernel, index, extents, user_data, on_error)?);
        let thunk = Thunk::new(enter, Arc::as_ptr(&target).cast()).map_err(CallbackError::Thunk)?;
        Ok(Callback { thunk: Some(thunk), target, given_away: AtomicBool::new(false) })
    }

    /// The function's address, valid while this handle lives.
    pub fn pointer(&self) -> *const u8 {
        self.thunk.as_ref().map_or(std::ptr::null(), Thunk::address)
    }

    /// The function's address, valid for the rest of the process.
    pub fn address(&self) -> *const u8 {
        self.given_away.store(true, Ordering::Relaxed);
        self.pointer()
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if *self.given_away.get_mut()
            && let Some(thunk) = self.thunk.take()
        {
            thunk.leak();
            std::mem::forget(Arc::clone(&self.target));
        }
    }
}

/// What a thunk's token leads to.
struct Target {
    program: Arc<Program>,
    index: usize,
    params: Vec<Plan>,
    /// The kernel's result and the C function's.
    result: Option<(Scalar, Scalar)>,
    on_error: OnError,
}

/// How one C argument becomes a slot.
enum Plan {
    Scalar { c: Scalar, kernel: Scalar },
    Pointer { name: String, extent: Extent, element: usize, access: Access },
    UserData { size: UserData, access: Access },
}

impl Target {
    fn plan(
        kernel: &Kernel,
        index: usize,
        extents: Extents<'_>,
        user_data: UserData,
        on_error: OnError,
    ) -> Result<Target, CallbackError> {
        let no_entry = || CallbackError::NoCSignature { kernel: format!("#{index}") };
        let export = kernel.artifact().exports.get(index).ok_or_else(no_entry)?;
        let c = export.c.as_ref().ok_or_else(|| CallbackError::NoCSignature { kernel: export.name.clone() })?;
        let mismatch = |what: String| CallbackError::Mismatch { kernel: export.name.clone(), what };
        if c.params.len() != export.params.len() || c.params.len() > MAX_PARAMS {
            return Err(mismatch(format!("`{}` has {} parameters", c.signature, c.params.len())));
        }
        let roles = Roles { export, c, user_data, table: role_table(export, c, extents, user_data)? };
        let params = (0..c.params.len()).map(|i| roles.plan(i)).collect::<Result<_, _>>()?;
        let result = match (&export.result, c.result) {
            (ResultType::None, None) => None,
            (ResultType::Scalar { scalar, .. }, Some(CType::Scalar(c))) if convertible(*scalar, c) => {
                Some((*scalar, c))
            }
            _ => return Err(mismatch(format!("`{}` does not return what the kernel does", c.signature))),
        };
        Ok(Target { program: Arc::clone(kernel.program()), index, params, result, on_error })
    }

    /// Runs the kernel on the arguments in `frame`.
    ///
    /// # Safety
    /// The frame holds the arguments of a call with this target's C signature, whose pointers are as C promised.
    unsafe fn call(&self, frame: &mut Frame) -> Result<(), Failure> {
        let mut arguments = [0; MAX_PARAMS];
        // SAFETY: passed on.
        unsafe { self.read(frame, &mut arguments) };
        let result = self.program.with_instance(|instance| {
            // SAFETY: passed on.
            unsafe { self.run(instance, &arguments) }
        })?;
        if let Some((kernel, c)) = self.result {
            let bits = convert(result, kernel, c).ok_or_else(|| Failure::Range {
                message: format!("the kernel's result does not fit the C function's {}", c.dtype_name()),
            })?;
            frame.integer_result = bits;
            frame.float_result = bits;
        }
        Ok(())
    }

    /// The C arguments, each as its slot would hold it in its C type.
    unsafe fn read(&self, frame: &Frame, arguments: &mut [u64; MAX_PARAMS]) {
        let (mut integers, mut floats, mut spilled) = (0, 0, 0);
        for (argument, plan) in arguments.iter_mut().zip(&self.params) {
            let scalar = match plan {
                Plan::Scalar { c, .. } => *c,
                Plan::Pointer { .. } | Plan::UserData { .. } => Scalar::U64,
            };
            let (registers, used): (&[u64], _) =
                if scalar.is_float() { (&frame.floats, &mut floats) } else { (&frame.integers, &mut integers) };
            let bits = match registers.get(*used) {
                Some(bits) => *bits,
                None => {
                    spilled += 1;
                    // SAFETY: the signature has that many arguments beyond the registers.
                    unsafe { frame.stack.add(spilled - 1).read() }
                }
            };
            *used += 1;
            *argument = to_slot(scalar, bits);
        }
    }

    unsafe fn run(&self, instance: &mut Instance, arguments: &[u64; MAX_PARAMS]) -> Result<u64, Failure> {
        let (slots, marshal) = instance.parts();
        for (i, plan) in self.params.iter().enumerate() {
            let argument = arguments[i];
            let placed = match plan {
                Plan::Scalar { c, kernel } => convert(argument, *c, *kernel).ok_or_else(|| Failure::Range {
                    message: format!("argument {} does not fit {}", i + 1, kernel.dtype_name()),
                }),
                Plan::Pointer { name, extent, element, access } => {
                    let bytes = extent
                        .elements(&|p| arguments[p] as i64)
                        .and_then(|count| count.checked_mul(*element))
                        .ok_or_else(|| Failure::Range { message: format!("the extent of `{name}` is too large") });
                    bytes.map(|b| u64::from(marshal.add(i, argument as *mut u8, b, 0, *access).unwrap_or(0)))
                }
                Plan::UserData { size: UserData::Bytes(bytes), access } => {
                    Ok(u64::from(marshal.add(i, argument as *mut u8, *bytes, 0, *access).unwrap_or(0)))
                }
                Plan::UserData { size: UserData::Null, .. } if argument == 0 => Ok(0),
                Plan::UserData { size: UserData::Null, .. } => Err(Failure::Range {
                    message: "user data of unknown size was passed to a wasm kernel; bind it to the kernel".to_string(),
                }),
            };
            match placed {
                Ok(bits) => slots[i] = bits,
                Err(failure) => {
                    marshal.abandon();
                    return Err(failure);
                }
            }
        }
        // SAFETY: C promised ranges as long as the signature says.
        if let Err(failure) = unsafe { marshal.copy_in(slots) } {
            marshal.abandon();
            return Err(failure);
        }
        let outcome = instance.run(self.index);
        let (slots, marshal) = instance.parts();
        // SAFETY: as above.
        unsafe { marshal.finish() };
        outcome.map(|()| slots.first().copied().unwrap_or(0))
    }

    /// Puts the value that C takes for a failure into the frame.
    fn fail(&self, frame: &mut Frame) {
        frame.integer_result = 0;
        frame.float_result = match self.result {
            Some((_, Scalar::F32)) => u64::from(f32::NAN.to_bits()),
            _ => f64::NAN.to_bits(),
        };
    }
}

/// Where every thunk leads.
unsafe extern "C" fn enter(token: *const (), frame: *mut Frame) {
    // SAFETY: the stub passes a frame of its own stack.
    let frame = unsafe { &mut *frame };
    // SAFETY: a token is null, or a target that lives as long as its thunk.
    let Some(target) = (unsafe { token.cast::<Target>().as_ref() }) else {
        (frame.integer_result, frame.float_result) = (0, f64::NAN.to_bits());
        return;
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: C called the thunk with the target's signature.
        let outcome = unsafe { target.call(frame) };
        if let Err(failure) = outcome {
            target.fail(frame);
            (target.on_error)(&failure);
        }
    }));
    if outcome.is_err() {
        target.fail(frame);
        let trap = Trap::Internal { message: "the host panicked".to_string() };
        // What panics twice is given up on: C must get its answer.
        let _ = catch_unwind(AssertUnwindSafe(|| (target.on_error)(&Failure::Trap(trap))));
    }
}

/// What is known of a pointer.
enum Role {
    Extent(Extent, Access),
    UserData,
}

struct Roles<'a> {
    export: &'a Export,
    c: &'a CEntry,
    user_data: UserData,
    table: Vec<Option<Role>>,
}

impl Roles<'_> {
    fn plan(&self, index: usize) -> Result<Plan, CallbackError> {
        let Param { name, ty, .. } = &self.export.params[index];
        match (self.c.params[index], *ty) {
            (CType::Scalar(c), ParamType::Scalar(kernel)) if convertible(c, kernel) => Ok(Plan::Scalar { c, kernel }),
            (CType::Pointer(c_element), ParamType::Pointer { element, writable }) => {
                let access = |access| if writable { access } else { Access::ReadOnly };
                match &self.table[index] {
                    Some(Role::Extent(extent, who)) => {
                        let element = c_element.or(element).map_or(1, |e| e.bytes() as usize);
                        let (name, extent) = (name.clone(), extent.clone());
                        Ok(Plan::Pointer { name, extent, element, access: access(*who) })
                    }
                    Some(Role::UserData) => Ok(Plan::UserData { size: self.user_data, access: access(Access::Shared) }),
                    None => Err(CallbackError::UnknownExtent {
                        kernel: self.export.name.clone(),
                        param: name.clone(),
                        signature: self.c.signature.clone(),
                    }),
                }
            }
            (CType::Scalar(_) | CType::Pointer(_), _) => {
                let what = format!("parameter `{name}` is of another kind in `{}`", self.c.signature);
                Err(CallbackError::Mismatch { kernel: self.export.name.clone(), what })
            }
        }
    }
}

fn role_table(
    export: &Export,
    c: &CEntry,
    extents: Extents<'_>,
    user_data: UserData,
) -> Result<Vec<Option<Role>>, CallbackError> {
    let mut table: Vec<Option<Role>> = c.params.iter().map(|_| None).collect();
    match extents {
        Extents::Scipy => {
            for (index, role) in scipy_roles(c.capsule.as_deref().unwrap_or(&c.signature)) {
                if let Some(entry) = table.get_mut(index) {
                    *entry = Some(role);
                }
            }
        }
        Extents::Given(given) => {
            let integer = |name: &str| {
                let index = export.params.iter().position(|p| p.name == name)?;
                matches!(c.params[index], CType::Scalar(s) if s.is_int()).then_some(index)
            };
            for (param, text) in given {
                let is_it = |(p, t): (&Param, &CType)| p.name == *param && matches!(t, CType::Pointer(_));
                let index = export.params.iter().zip(&c.params).position(is_it);
                let missing = || CallbackError::NoSuchParam { kernel: export.name.clone(), param: param.to_string() };
                let index = index.ok_or_else(missing)?;
                let extent = Extent::parse(text, &integer).map_err(|error| CallbackError::BadExtent {
                    param: param.to_string(),
                    text: text.to_string(),
                    error,
                })?;
                table[index] = Some(Role::Extent(extent, Access::Shared));
            }
            // By custom the last pointer is the user data, where nothing else is said of it.
            if let (Some(entry @ None), Some(CType::Pointer(element))) = (table.last_mut(), c.params.last())
                && (element.is_none() || user_data != UserData::Null)
            {
                *entry = Some(Role::UserData);
            }
        }
    }
    Ok(table)
}

/// The pointers of a signature that SciPy calls, as its documentation describes them; empty for any other.
fn scipy_roles(signature: &str) -> Vec<(usize, Role)> {
    let elements = |index, extent| (index, Role::Extent(extent, Access::Exclusive));
    let user_data = |index| (index, Role::UserData);
    let plain: String = signature.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.replace("intptr_t", "npy_intp").as_str() {
        "double(double,void*)" => vec![user_data(1)],
        "double(int,double*)" => vec![elements(1, Extent::param(0))],
        "double(int,double*,void*)" => vec![elements(1, Extent::param(0)), user_data(2)],
        // `buffer` of `filter_size` elements, one `return_value`.
        "int(double*,npy_intp,double*,void*)" => {
            vec![elements(0, Extent::param(1)), elements(2, Extent::number(1)), user_data(3)]
        }
        "int(double*,npy_intp,double*,npy_intp,void*)" => {
            vec![elements(0, Extent::param(1)), elements(2, Extent::param(3)), user_data(4)]
        }
        // `output_coordinates` of `output_rank`, `input_coordinates` of `input_rank`.
        "int(npy_intp*,double*,int,int,void*)" => {
            vec![elements(0, Extent::param(2)), elements(1, Extent::param(3)), user_data(4)]
        }
        _ => Vec::new(),
    }
}

/// Whether a value of one type can be passed as the other, if it fits.
fn convertible(from: Scalar, to: Scalar) -> bool {
    from == to || (from.is_int() && to.is_int()) || (from.is_float() && to.is_float())
}

/// The slot for type `to` of the value that `slot` holds in type `from`; `None` if it does not fit.
fn convert(slot: u64, from: Scalar, to: Scalar) -> Option<u64> {
    if from == to {
        return Some(slot);
    }
    match (from, to) {
        (Scalar::F32, Scalar::F64) => Some(f64::from(f32::from_bits(slot as u32)).to_bits()),
        (Scalar::F64, Scalar::F32) => Some(u64::from((f64::from_bits(slot) as f32).to_bits())),
        _ => {
            let value = if from.kind() == Kind::Signed { i128::from(slot as i64) } else { i128::from(slot) };
            let (low, high) = to.int_range()?;
            (low..=high).contains(&value).then_some(to_slot(to, value as u64))
        }
    }
}
