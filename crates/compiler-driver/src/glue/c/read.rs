//! Statements of C that take a value out of the arguments' block and leave it in its objects, and
//! the functions that do so for a composite type.

use saggar_skill_abi::{Type, layout};

use super::super::scalar;
use super::code::{Code, hint, is_type, number_of, outcomes};
use super::codec::{Body, Codec, Form};
use super::spelling::scalar_type;

impl Code<'_> {
    pub(super) fn reader(&mut self, index: usize, codec: &Codec) {
        self.within = Some(codec.ty.to_string());
        self.line(format_args!(
            "static __inline__ void __saggar_read_{index}(struct __saggar_call *__saggar_c, \
             const __saggar_byte *__saggar_from, {} *__saggar_to)\n{{\n    \
             const __saggar_byte *__saggar_b = __saggar_c->__sink.__frame->__args;",
            codec.c_type
        ));
        let member = |name: &str| format!("__saggar_to->{name}");
        match &codec.body {
            Body::Members(members) => {
                let parts = layout::members(codec.ty.parts());
                for ((offset, ty), (form, names)) in parts.zip(members) {
                    let objects: Vec<String> = names.iter().map(|name| member(name)).collect();
                    let from = format!("(__saggar_from + {offset})");
                    if *form == Form::Number {
                        self.demand_member(ty, &objects[0], &names[0]);
                        self.line(format_args!(
                            "    __builtin_memcpy(&{0}, {from}, sizeof {0});",
                            objects[0]
                        ));
                    } else {
                        self.read(ty, form, &from, &objects);
                    }
                }
            }
            Body::One(form, names) => {
                let objects: Vec<String> = names.iter().map(|name| member(name)).collect();
                self.read(&codec.ty, form, "__saggar_from", &objects);
            }
            Body::Option(form) => {
                let at = layout::payload_offset(&codec.ty);
                self.line("    if (__saggar_from[0] == 0) return;\n    __saggar_to->some = 1;");
                let parts = codec.ty.parts();
                self.read(parts[0], form, &format!("(__saggar_from + {at})"), &[member("value")]);
            }
            Body::Result(payloads) => {
                let from = format!("(__saggar_from + {})", layout::payload_offset(&codec.ty));
                self.line("    __saggar_to->is_err = __saggar_from[0] != 0;");
                for (test, name, ty, form) in outcomes(&codec.ty, payloads) {
                    self.line(format_args!("    if (__saggar_from[0] {test} 0) {{"));
                    self.read(ty, form, &from, &[member(name)]);
                    self.line("    }");
                }
            }
            Body::Cases(values) => {
                let number = number_of(&codec.ty);
                self.line(format_args!(
                    "    static const {} __saggar_cases[] = {{{}}};\n    \
                     {number} __saggar_n;\n    \
                     __builtin_memcpy(&__saggar_n, __saggar_from, sizeof __saggar_n);\n    \
                     *__saggar_to = __saggar_cases[__saggar_n];",
                    codec.c_type,
                    values.join(", ")
                ));
            }
            Body::Number => {
                let number = number_of(&codec.ty);
                self.line(format_args!(
                    "    {number} __saggar_n;\n    \
                     __builtin_memcpy(&__saggar_n, __saggar_from, sizeof __saggar_n);\n    \
                     *__saggar_to = ({})__saggar_n;",
                    codec.c_type
                ));
            }
        }
        self.line("    (void)__saggar_b;\n    (void)__saggar_c;\n}");
        self.within = None;
    }

    /// Statements that take a value out of the block and leave it in its objects, which are zero.
    pub(super) fn read(&mut self, ty: &Type, form: &Form, from: &str, objects: &[String]) {
        let object = &objects[0];
        match (form, ty) {
            (Form::Number | Form::Char, _) => self.read_number(ty, form, from, object),
            (Form::Text, _) => self.line(format_args!(
                "    {object} = (char *)__saggar_span_at(__saggar_b, {from}).__data;"
            )),
            (Form::TextArray, _) => {
                let subject = self.subject();
                self.line(format_args!(
                    "    __saggar_text_into(__saggar_c, __saggar_span_at(__saggar_b, {from}), \
                     {object}, sizeof {object}, \"{subject}: a string is too long for its array\");"
                ));
            }
            (Form::TextRun, _) => {
                let i = self.fresh();
                let span = format!("__saggar_span{i}");
                self.line(format_args!(
                    "    struct __saggar_span {span} = __saggar_span_at(__saggar_b, {from});\n    \
                     {object} = (char *){span}.__data;"
                ));
                self.length(&span, &objects[1]);
            }
            (Form::Whole(codec), _) => {
                self.line(format_args!(
                    "    __saggar_read_{codec}(__saggar_c, {from}, &{object});"
                ));
            }
            (Form::Pointer(inner, c_type), _) => {
                let i = self.fresh();
                let made = format!("__saggar_made{i}");
                self.line("    {");
                self.line(allocation(&made, c_type, "1"));
                self.line(format_args!("    if ({made}) {{"));
                self.read(ty, inner, from, &[format!("(*{made})")]);
                self.line(format_args!("    }}\n    {object} = (void *){made};\n    }}"));
            }
            (Form::Maybe(inner), Type::Option(value)) => {
                let at = layout::payload_offset(ty);
                self.line(format_args!("    if (({from})[0]) {{"));
                self.read(value, inner, &format!("({from} + {at})"), objects);
                self.line("    }");
            }
            (Form::Run(element, types), Type::List(inner)) => {
                self.read_run(inner, element, types, from, objects);
            }
            _ => {}
        }
    }

    fn read_number(&mut self, ty: &Type, form: &Form, from: &str, object: &str) {
        if *ty != Type::Bool && *form == Form::Number {
            let hint = scalar(ty);
            self.demand(&format!("!__saggar_is_bool({object})"), hint);
        }
        let i = self.fresh();
        let c_type = scalar_type(ty);
        self.line(format_args!(
            "    {c_type} __saggar_n{i};\n    \
             __builtin_memcpy(&__saggar_n{i}, {from}, sizeof __saggar_n{i});"
        ));
        if *form == Form::Char {
            let subject = self.subject();
            self.line(format_args!(
                "    if (sizeof {object} == 1 && __saggar_n{i} > 127) \
                 __saggar_fail(__saggar_c, \"{subject}: a character is not ASCII, which is all \
                 that char holds; declare it as uint32_t\");\n    \
                 {object} = (__typeof__({object}))__saggar_n{i};"
            ));
        } else {
            self.line(format_args!("    {object} = __saggar_n{i};"));
        }
    }

    /// Leaves the length of a span in an object of any integer type.
    fn length(&mut self, span: &str, object: &str) {
        let subject = self.subject();
        self.line(format_args!(
            "    {object} = (__typeof__({object})){span}.__count;\n    \
             if ((__saggar_size){object} != {span}.__count) \
             __saggar_fail(__saggar_c, \"{subject} is too long for its length\");"
        ));
    }

    fn read_run(
        &mut self,
        inner: &Type,
        element: &Form,
        types: &[String],
        from: &str,
        objects: &[String],
    ) {
        let i = self.fresh();
        let (span, at) = (format!("__saggar_span{i}"), format!("__saggar_i{i}"));
        self.line(format_args!(
            "    {{\n    struct __saggar_span {span} = __saggar_span_at(__saggar_b, {from});"
        ));
        if *element == Form::Number {
            let check = is_type(inner);
            self.demand(
                &format!("{check}(*({} *)0)", types[0]),
                &format!("{} for its elements", hint(inner)),
            );
            self.line(format_args!("    {} = (void *){span}.__data;", objects[0]));
        } else {
            let stride = layout::size_of(inner);
            let arrays: Vec<String> =
                (0..types.len()).map(|k| format!("__saggar_made{i}_{k}")).collect();
            for (array, c_type) in arrays.iter().zip(types) {
                self.line(allocation(array, c_type, &format!("{span}.__count")));
            }
            let missing: Vec<String> = arrays.iter().map(|array| format!("!{array}")).collect();
            self.line(format_args!(
                "    __saggar_size {at};\n    \
                 if ({}) {span}.__count = 0;\n    \
                 for ({at} = 0; {at} < {span}.__count; ++{at}) {{",
                missing.join(" || ")
            ));
            let elements: Vec<String> =
                arrays.iter().map(|array| format!("{array}[{at}]")).collect();
            self.read(inner, element, &format!("({span}.__data + {at} * {stride})"), &elements);
            self.line("    }");
            let places = std::iter::once(&objects[0]).chain(&objects[2..]);
            for (place, array) in places.zip(&arrays) {
                self.line(format_args!("    {place} = (void *){array};"));
            }
        }
        self.length(&span, &objects[1]);
        self.line("    }");
    }
}

fn allocation(name: &str, c_type: &str, count: &str) -> String {
    format!(
        "    {c_type} *{name} = ({c_type} *)__saggar_alloc(__saggar_c, {count}, \
         sizeof *{name}, __alignof__(*{name}));"
    )
}
