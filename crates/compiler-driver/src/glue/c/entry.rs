//! The entry of a function with composite types: its parameters are read into objects, the call
//! is made with each argument on a line of its own, and what it returned is written.

use saggar_skill_abi::{Function, Type, layout};

use super::super::Writer;
use super::code::Code;
use super::codec::{Codecs, Direction, Form};
use super::names::Names;
use super::spelling::scalar_type;

/// How a function takes a parameter: its form, and the C type of each object.
pub(super) struct Taken {
    pub(super) form: Form,
    pub(super) objects: Vec<String>,
}

/// How a function gives its result.
#[derive(Clone)]
pub(super) enum Given {
    /// It returns nothing, as it should.
    Nothing,
    /// It returns the first object; the others, if any, it fills through pointers at the end of
    /// its parameters. With the C type of each.
    Returned(Form, Vec<String>),
    /// It fills one object through a pointer at the end of its parameters.
    Filled(Form, String),
    /// The same, and what it returns says whether there is a value.
    FilledIf(Form, String),
}

/// How the interface's function stands in the source.
pub(super) struct Plan {
    pub(super) params: Vec<Taken>,
    pub(super) result: Given,
}

/// All of a function as `saggar.h` has it.
pub(super) fn documented(function: &Function, codecs: &mut Codecs, names: &Names) -> Plan {
    let params = function.params.iter().map(|param| Taken {
        form: codecs.documented(&param.ty, names),
        objects: vec![names.of(&param.ty)],
    });
    let params = params.collect();
    let result = match &function.result {
        Some(ty) => Given::Returned(codecs.documented(ty, names), vec![names.of(ty)]),
        None => Given::Nothing,
    };
    Plan { params, result }
}

pub(super) fn entry(
    out: &mut Writer,
    codecs: &mut Codecs,
    index: usize,
    function: &Function,
    symbol: &str,
    plan: &Plan,
) {
    let mut code = Code { out, index, function, parameter: None, within: None, variables: 0 };
    for (at, taken) in plan.params.iter().enumerate() {
        code.parameter = Some(at);
        codecs.require(&taken.form, Direction::Read, &mut code);
    }
    code.parameter = None;
    if let Some(form) = plan.result.form() {
        codecs.require(form, Direction::Write, &mut code);
    }
    open(&mut code);
    read(&mut code, plan);
    code.parameter = None;
    code.line("    if (__saggar_c->__sink.__status == __saggar_ok) {");
    call(&mut code, symbol, plan);
    write(&mut code, plan);
    code.line("    }\n    return __saggar_end(__saggar_c);\n}");
}

impl Given {
    fn form(&self) -> Option<&Form> {
        match self {
            Given::Nothing => None,
            Given::Returned(form, _) | Given::Filled(form, _) | Given::FilledIf(form, _) => {
                Some(form)
            }
        }
    }

    /// The C types of the objects that the function fills.
    fn filled(&self) -> &[String] {
        match self {
            Given::Nothing => &[],
            Given::Returned(_, types) => &types[1..],
            Given::Filled(_, c_type) | Given::FilledIf(_, c_type) => std::slice::from_ref(c_type),
        }
    }
}

fn open(code: &mut Code<'_>) {
    let head = code.function.result.as_ref().map_or(0, layout::size_of);
    let index = code.index;
    code.line(format_args!(
        "static unsigned __saggar_entry_{index}(struct __saggar_frame *__saggar_f)\n{{\n    \
         const __saggar_byte *__saggar_b = __saggar_f->__args;\n    \
         struct __saggar_call __saggar_call = __saggar_begin(__saggar_f, {head});\n    \
         struct __saggar_call *__saggar_c = &__saggar_call;\n    \
         (void)__saggar_b;\n    \
         if (__saggar_call.__sink.__status != __saggar_ok) return __saggar_call.__sink.__status;\n    \
         __saggar_clear(__saggar_f->__result, {head});"
    ));
}

fn object(parameter: usize, at: usize) -> String {
    format!("__saggar_a{parameter}_{at}")
}

/// Declares the objects of every parameter and reads the block into them.
fn read(code: &mut Code<'_>, plan: &Plan) {
    let function = code.function;
    let (offsets, _) = layout::record(function);
    for (at, taken) in plan.params.iter().enumerate() {
        code.parameter = Some(at);
        let ty = &function.params[at].ty;
        let objects: Vec<String> = (0..taken.objects.len()).map(|i| object(at, i)).collect();
        for (name, c_type) in objects.iter().zip(&taken.objects) {
            // A number keeps its own type, so that the compiler judges what it is passed as.
            let own = taken.form == Form::Number;
            let c_type = if own { scalar_type(ty) } else { c_type.as_str() };
            code.line(format_args!("    {c_type} {name} = {{0}};"));
        }
        code.read(ty, &taken.form, &format!("(__saggar_b + {})", offsets[at]), &objects);
    }
}

fn call(code: &mut Code<'_>, symbol: &str, plan: &Plan) {
    for (i, c_type) in plan.result.filled().iter().enumerate() {
        code.line(format_args!("    {c_type} __saggar_o{i} = {{0}};"));
    }
    let mut arguments: Vec<(Option<usize>, String)> = Vec::new();
    for (at, taken) in plan.params.iter().enumerate() {
        let objects = (0..taken.objects.len()).map(|i| object(at, i));
        arguments.push((Some(at), objects.collect::<Vec<_>>().join(", ")));
    }
    for i in 0..plan.result.filled().len() {
        arguments.push((None, format!("&__saggar_o{i}")));
    }
    let start = match plan.result {
        Given::Nothing | Given::Filled(..) => "",
        Given::Returned(..) | Given::FilledIf(..) => "__auto_type __saggar_r = ",
    };
    code.line(format_args!("    {start}{symbol}("));
    let last = arguments.len().saturating_sub(1);
    for (i, (parameter, argument)) in arguments.iter().enumerate() {
        code.parameter = *parameter;
        let comma = if i == last { "" } else { "," };
        code.line(format_args!("        {argument}{comma}"));
    }
    code.parameter = None;
    code.line("    );");
}

fn write(code: &mut Code<'_>, plan: &Plan) {
    let Some(ty) = &code.function.result else { return };
    match &plan.result {
        Given::Nothing => {}
        Given::Returned(form, types) => {
            if matches!(form, Form::Whole(_)) {
                let wanted = &types[0];
                code.demand(&format!("__saggar_is(__saggar_r, {wanted})"), wanted);
            }
            let filled = (1..types.len()).map(|i| format!("__saggar_o{}", i - 1));
            let objects: Vec<String> =
                std::iter::once("__saggar_r".to_owned()).chain(filled).collect();
            code.write(ty, form, "0", &objects);
        }
        Given::Filled(form, _) => code.write(ty, form, "0", &["__saggar_o0".to_owned()]),
        Given::FilledIf(form, _) => {
            let Type::Option(value) = ty else { return };
            let at = layout::payload_offset(ty).to_string();
            code.line("    if (__saggar_r) {\n    __saggar_tag(__saggar_c, 0);");
            code.write(value, form, &at, &["__saggar_o0".to_owned()]);
            code.line("    }");
        }
    }
}

/// An entry that is never run: something was refused.
pub(super) fn refused(out: &mut Writer, index: usize) {
    out.line(format_args!(
        "static unsigned __saggar_entry_{index}(struct __saggar_frame *__saggar_f) \
         {{ return __saggar_say(__saggar_f, \"\"); }}"
    ));
}
