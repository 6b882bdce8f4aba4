//! Loads, stores, addresses.
//!
//! Nothing is marked movable: Cranelift lifts such loads above the guards that make their addresses valid. It may
//! still merge and forward them, by alias region: one per class, unless the function has accesses to the class that
//! overlaps all others.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{AliasRegionData, InstBuilder, MemFlagsData, Value, types as clif};
use cranelift_module::{DataId, Module as _};

use super::function::Body;
use super::types;
use crate::ir::op::{Access, VectorOp};
use crate::ir::{AliasClass, AliasId, Op};
use crate::types::Scalar;

/// Gives each alias class its Cranelift region.
pub fn declare_regions(body: &mut Body<'_, '_, '_>) {
    let function = body.function;
    let touches_any = function.insts.iter().any(|(_, inst)| accessed(&inst.op) == Some(AliasClass::ANY));
    for (id, class) in function.aliases.iter() {
        // Where pointers of unknown origin are used, what they may overlap stays in Cranelift's unnamed region, which
        // they are in themselves.
        if class.constant || !touches_any {
            let user_id = id.index() as u32;
            let data = AliasRegionData { user_id, description: class.name.clone().into() };
            let region = body.b.func.dfg.alias_regions.insert(data);
            body.regions.set(id, Some(region));
        }
    }
}

/// The class of an op that touches memory through an access.
fn accessed(op: &Op) -> Option<AliasId> {
    match op {
        Op::Load(a) | Op::Store(a) => Some(a.class),
        Op::Vector(VectorOp::PackLoad(a, _) | VectorOp::PackStore(a)) => Some(a.class),
        _ => None,
    }
}

/// Cranelift's flags of an access: it does not trap, its element may be unaligned.
fn flags(body: &Body<'_, '_, '_>, access: &Access) -> MemFlagsData {
    let flags = MemFlagsData::new().with_notrap().with_alias_region(body.regions[access.class]);
    if body.function.aliases[access.class].constant { flags.with_readonly() } else { flags }
}

/// `base + index * scale`; the offset goes into the instruction.
fn address(body: &mut Body<'_, '_, '_>, access: &Access, base: Value, index: Value) -> Value {
    let scaled = match access.scale {
        1 => index,
        scale if scale.is_power_of_two() => body.b.ins().ishl_imm_u(index, i64::from(scale.trailing_zeros())),
        scale => body.b.ins().imul_imm_s(index, i64::from(scale)),
    };
    body.b.ins().iadd(base, scaled)
}

pub fn load(body: &mut Body<'_, '_, '_>, access: &Access, base: Value, index: Value) -> Value {
    let loaded = load_as(body, access, types::scalar(access.element), base, index);
    if access.element == Scalar::Bool {
        // Memory may hold any byte; a bool is 0 or 1.
        return body.b.ins().icmp_imm_s(IntCC::NotEqual, loaded, 0);
    }
    loaded
}

/// Loads one value of a Cranelift type from where the access points.
pub fn load_as(
    body: &mut Body<'_, '_, '_>,
    access: &Access,
    ty: cranelift_codegen::ir::Type,
    base: Value,
    index: Value,
) -> Value {
    let address = address(body, access, base, index);
    let flags = flags(body, access);
    body.b.ins().load(ty, flags, address, Offset32::new(access.offset))
}

/// `base, index, value`.
pub fn store(body: &mut Body<'_, '_, '_>, access: &Access, values: &[Value]) -> Result<(), String> {
    let &[base, index, value] = values else { return Err("a store has three operands".to_string()) };
    let address = address(body, access, base, index);
    let flags = flags(body, access);
    body.b.ins().store(flags, value, address, Offset32::new(access.offset));
    Ok(())
}

/// The address of a data object.
pub fn data_address(body: &mut Body<'_, '_, '_>, data: DataId) -> Value {
    let global = body.emitter.object.declare_data_in_func(data, body.b.func);
    body.b.ins().symbol_value(clif::I64, global)
}
