//! Statements of C that put a value into the result's block and free what it is made of, and the
//! functions that do so for a composite type. What was returned is freed whether or not it could
//! be written.

use saggar_skill_abi::{Type, layout};

use super::code::{Code, hint, is_type, number_of, outcomes};
use super::codec::{Body, Codec, Form};

impl Code<'_> {
    pub(super) fn writer(&mut self, index: usize, codec: &Codec) {
        self.line(format_args!(
            "static __inline__ void __saggar_write_{index}(struct __saggar_call *__saggar_c, \
             __saggar_size __saggar_at, {} *__saggar_from)\n{{",
            codec.c_type
        ));
        let member = |name: &str| format!("__saggar_from->{name}");
        match &codec.body {
            Body::Members(members) => {
                let parts = layout::members(codec.ty.parts());
                for ((offset, ty), (form, names)) in parts.zip(members) {
                    let objects: Vec<String> = names.iter().map(|name| member(name)).collect();
                    let at = format!("(__saggar_at + {offset})");
                    if *form == Form::Number {
                        self.demand_member(ty, &objects[0], &names[0]);
                        self.store(ty, &at, &objects[0]);
                    } else {
                        self.write(ty, form, &at, &objects);
                    }
                }
            }
            Body::One(form, names) => {
                let objects: Vec<String> = names.iter().map(|name| member(name)).collect();
                self.write(&codec.ty, form, "__saggar_at", &objects);
            }
            Body::Option(form) => {
                let at = layout::payload_offset(&codec.ty);
                self.line("    if (!__saggar_from->some) return;\n    __saggar_tag(__saggar_c, __saggar_at);");
                let parts = codec.ty.parts();
                self.write(parts[0], form, &format!("(__saggar_at + {at})"), &[member("value")]);
            }
            Body::Result(payloads) => {
                let at = format!("(__saggar_at + {})", layout::payload_offset(&codec.ty));
                self.line("    if (__saggar_from->is_err) __saggar_tag(__saggar_c, __saggar_at);");
                for (test, name, ty, form) in outcomes(&codec.ty, payloads) {
                    self.line(format_args!("    if (__saggar_from->is_err {test} 0) {{"));
                    self.write(ty, form, &at, &[member(name)]);
                    self.line("    }");
                }
            }
            Body::Cases(values) => self.write_case(codec, Some(values)),
            Body::Number => self.write_case(codec, None),
        }
        self.line("    (void)__saggar_at;\n    (void)__saggar_c;\n}");
    }

    fn write_case(&mut self, codec: &Codec, values: Option<&[String]>) {
        let Type::Enum(cases) = &codec.ty else { return };
        let number = number_of(&codec.ty);
        let count = cases.cases.len();
        match values {
            Some(values) => self.line(format_args!(
                "    static const {} __saggar_cases[] = {{{}}};\n    \
                 __saggar_size __saggar_k = 0;\n    \
                 {number} __saggar_n;\n    \
                 while (__saggar_k < {count} && __saggar_cases[__saggar_k] != *__saggar_from) \
                 ++__saggar_k;",
                codec.c_type,
                values.join(", ")
            )),
            None => self.line(format_args!(
                "    __saggar_size __saggar_k = (__saggar_size)*__saggar_from;\n    \
                 {number} __saggar_n;"
            )),
        }
        self.line(format_args!(
            "    if (__saggar_k >= {count}) __saggar_fail(__saggar_c, \
             \"the function returned a value that is no case of {}\");\n    \
             __saggar_n = ({number})__saggar_k;\n    \
             __saggar_store(__saggar_c, __saggar_at, &__saggar_n, sizeof __saggar_n);",
            cases.name
        ));
    }

    /// Statements that put a value into the result at an offset, and free what it is made of.
    pub(super) fn write(&mut self, ty: &Type, form: &Form, at: &str, objects: &[String]) {
        let object = &objects[0];
        match (form, ty) {
            (Form::Number, _) => {
                let check = is_type(ty);
                self.demand(&format!("{check}({object})"), hint(ty));
                self.store(ty, at, object);
            }
            (Form::Char, _) => self.line(format_args!(
                "    __saggar_store_char(__saggar_c, {at}, (unsigned){object}, sizeof {object});"
            )),
            (Form::Text, _) => self.line(format_args!(
                "    __saggar_store_text(__saggar_c, {at}, {object}, \
                 !__saggar_constant({object}));"
            )),
            (Form::TextArray, _) => self.line(format_args!(
                "    __saggar_store_array(__saggar_c, {at}, {object}, sizeof {object});"
            )),
            (Form::TextRun, _) => self.line(format_args!(
                "    __saggar_store_run(__saggar_c, {at}, {object}, (__saggar_size){}, 1, \
                 !__saggar_constant({object}));",
                objects[1]
            )),
            (Form::Whole(codec), _) => {
                self.line(format_args!("    __saggar_write_{codec}(__saggar_c, {at}, &{object});"));
            }
            (Form::Pointer(inner, _), _) => {
                self.line(format_args!(
                    "    if (!{object}) __saggar_fail(__saggar_c, __saggar_null);\n    \
                     else {{"
                ));
                self.write(ty, inner, at, &[format!("(*{object})")]);
                self.release(object);
                self.line("    }");
            }
            (Form::Maybe(inner), Type::Option(value)) => {
                let payload = layout::payload_offset(ty);
                self.line(format_args!(
                    "    if ({object}) {{\n    __saggar_tag(__saggar_c, {at});"
                ));
                self.write(value, inner, &format!("({at} + {payload})"), objects);
                self.line("    }");
            }
            (Form::Run(element, types), Type::List(inner)) => {
                self.write_run(inner, element, types, at, objects);
            }
            _ => {}
        }
    }

    fn store(&mut self, ty: &Type, at: &str, object: &str) {
        let size = layout::size_of(ty);
        self.line(format_args!("    __saggar_store(__saggar_c, {at}, &{object}, {size});"));
    }

    fn release(&mut self, object: &str) {
        self.line(format_args!(
            "    __saggar_release(__saggar_c, {object}, !__saggar_constant({object}));"
        ));
    }

    fn write_run(
        &mut self,
        inner: &Type,
        element: &Form,
        types: &[String],
        at: &str,
        objects: &[String],
    ) {
        let (data, length) = (&objects[0], &objects[1]);
        let stride = layout::size_of(inner);
        if *element == Form::Number {
            let check = is_type(inner);
            self.demand(&format!("{check}(*{data})"), &format!("{} for its elements", hint(inner)));
            self.line(format_args!(
                "    __saggar_store_run(__saggar_c, {at}, {data}, (__saggar_size){length}, \
                 {stride}, !__saggar_constant({data}));"
            ));
            return;
        }
        let i = self.fresh();
        let arrays: Vec<&String> = std::iter::once(data).chain(&objects[2..]).collect();
        let align = layout::align_of(inner);
        self.line(format_args!(
            "    {{\n    \
             __saggar_size __saggar_n{i} = __saggar_count(__saggar_c, {data}, \
             (__saggar_size){length});\n    \
             __saggar_size __saggar_p{i} = __saggar_room(__saggar_c, {at}, __saggar_n{i}, \
             {stride}, {align});\n    \
             __saggar_size __saggar_i{i};\n    \
             for (__saggar_i{i} = 0; __saggar_i{i} < __saggar_n{i}; ++__saggar_i{i}) {{"
        ));
        let elements: Vec<String> = arrays
            .iter()
            .take(types.len())
            .map(|array| format!("{array}[__saggar_i{i}]"))
            .collect();
        self.write(
            inner,
            element,
            &format!("(__saggar_p{i} + __saggar_i{i} * {stride})"),
            &elements,
        );
        self.line("    }");
        for array in arrays {
            self.release(array);
        }
        self.line("    }");
    }
}
