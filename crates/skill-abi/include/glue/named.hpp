// The C++ glue, continued: records and enums, in parameters and results. A source's members and
// enumerators are found by name; the generated structs know the spellings.

namespace __saggar __attribute__((__visibility__("hidden"))) {

// ---- Records ----

template <typename _T> inline constexpr bool _constant = false;
template <typename _T> inline constexpr bool _constant<const _T> = true;
template <typename _T, typename = void> inline constexpr bool _complete = false;
template <typename _T> inline constexpr bool _complete<_T, _If<sizeof(_T) != 0>> = true;
template <typename _T, typename = void> inline constexpr bool _makes = false;
template <typename _T>
inline constexpr bool _makes<_T, decltype(void(_T()), void(_T(_value<_T>())))> = true;

// What is copied out of a class before it is read: a packed one need not be aligned.
template <typename _T> inline constexpr bool _small = !__is_class(_T);

template <typename _T, typename> struct _Plain { using _Type = _T; };

// The spelling of a field that a class has, the first if none.
template <typename _F, typename _T, typename = void> struct _Spelt {
    using _Type = typename _F::_Second;
};
template <typename _F, typename _T>
struct _Spelt<_F, _T, decltype(void(_F::_First::_type(_value<_T &>())))> {
    using _Type = typename _F::_First;
};

// The declared type of a member; void if there is none that can be read.
template <typename _F, typename _T, typename = void> struct _Member { using _Type = void; };
template <typename _F, typename _T>
struct _Member<_F, _T, decltype(void(_Spelt<_F, _T>::_Type::_type(_value<_T &>())))> {
    using _Type = typename decltype(_Spelt<_F, _T>::_Type::_type(_value<_T &>()))::_Type;
};

// A name that two bases have is ambiguous whatever it names, and whoever may use it.
template <typename _T, typename _Name> struct _Joined : _T, _Name {};
template <typename _Name, typename _T, typename = void> inline constexpr bool _hidden_as = true;
template <typename _Name, typename _T>
inline constexpr bool
    _hidden_as<_Name, _T, decltype(_Name::_sole(static_cast<_Joined<_T, _Name> *>(nullptr)))> =
        false;
template <typename _F, typename _T> constexpr bool _hidden() {
    if constexpr (__is_class(_T) && !__is_final(_T))
        return _hidden_as<typename _F::_First, _T> || _hidden_as<typename _F::_Second, _T>;
    else
        return false;
}

// How a type is a record: n by the names of members, t otherwise.
template <typename _T, typename... _F> constexpr char _record_form() {
    if constexpr (!__is_class(_T))
        return 't';
    else if constexpr (!_complete<_T>)
        return 't';
    else if constexpr ((!_same<typename _Member<_F, _T>::_Type, void> || ...))
        return 'n';
    else if constexpr ((_hidden<_F, _T>() || ...))
        return 'n';
    else
        return 't';
}

template <template <typename, typename> class _Way, bool _Stores, typename _F, typename _T>
constexpr unsigned _field_blame() {
    using _X = typename _Member<_F, _T>::_Type;
    if constexpr (_same<_X, void>) {
        return _F::_id * 8 + unsigned(_hidden<_F, _T>() ? _hides : _lacks);
    } else if constexpr (_Stores && _constant<_X>) {
        return _F::_id * 8 + _fixed;
    } else {
        using _Part = typename _Either<_Stores, _X, _Bare<_X>>::_Type;
        constexpr unsigned _deep = _Way<typename _F::_Tag, _Part>::_blame;
        return _deep == _other ? _F::_id * 8 + _differs : _deep;
    }
}

template <typename _T, char _Form, _Size _S, _Size _A, typename... _F>
struct _In_record : _In<_Tuple<_S, _A, _Arg<_F::_at, typename _F::_Tag>...>, _T> {};

template <typename _First, typename...> struct _Head_of { using _Type = _First; };

template <typename _T, _Size _S, _Size _A, typename... _F>
struct _In_record<_T, 'n', _S, _A, _F...> {
    static constexpr unsigned _blame =
        _worst(_field_blame<_Into, true, _F, _T>()...,
               _makes<_T> ? unsigned(_fine) : _Head_of<_F...>::_Type::_id * 8 + _unmade);
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _T _made = _T();
        (_Spelt<_F, _T>::_Type::_store(
             _made, _In<typename _F::_Tag, typename _Member<_F, _T>::_Type>::_get(
                        _keep, _block, _at + _F::_at)),
         ...);
        return _made;
    }
};

template <typename _T, char _Form, _Size _S, _Size _A, typename... _F>
struct _Out_record : _Out<_Tuple<_S, _A, _Arg<_F::_at, typename _F::_Tag>...>, _T> {};

template <typename _T, _Size _S, _Size _A, typename... _F>
struct _Out_record<_T, 'n', _S, _A, _F...> {
    static constexpr unsigned _blame = _worst(_field_blame<_From, false, _F, _T>()...);
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        if constexpr ((_F::_Tag::_size + ... + 0) != _S) _sink._clear(_at, _S);
        (_Spelt<_F, _T>::_Type::template _load<
             _Out<typename _F::_Tag, _Bare<typename _Member<_F, _T>::_Type>>>(
             _sink, _at + _F::_at, _v),
         ...);
    }
};

template <_Size _S, _Size _A, typename... _F, typename _T>
struct _In<_Record<_S, _A, _F...>, _T, void>
    : _In_record<_T, _record_form<_T, _F...>(), _S, _A, _F...> {};
template <_Size _S, _Size _A, typename... _F, typename _T>
struct _Out<_Record<_S, _A, _F...>, _T, void>
    : _Out_record<_T, _record_form<_T, _F...>(), _S, _A, _F...> {};

// ---- Enums ----

// Spellings are tried from the highest rank down.
template <unsigned _N> struct _Rank : _Rank<_N - 1> {};
template <> struct _Rank<0> {};

template <typename _C, typename _T, typename = void> inline constexpr bool _has_case = false;
template <typename _C, typename _T>
inline constexpr bool _has_case<_C, _T, decltype(void(_C::template _of<_T>(_Rank<15>())))> = true;

template <typename _T, bool _Is, typename... _C> struct _Cases {
    static constexpr unsigned _blame = _other;
};

template <typename _T, typename... _C> struct _Cases<_T, true, _C...> {
    static constexpr unsigned _first() {
        const bool _has[] = {_has_case<_C, _T>...};
        const unsigned _ids[] = {_C::_id...};
        for (_Size _i = 0; _i < sizeof...(_C); ++_i)
            if (!_has[_i]) return _ids[_i] * 8 + _lacks;
        return _fine;
    }
    static constexpr unsigned _blame = _first();
};

template <typename _T, typename... _C> struct _Numbers {
    static constexpr _T _values[sizeof...(_C)] = {_C::template _of<_T>(_Rank<15>())...};
    static constexpr bool _in_order() {
        for (_Size _i = 0; _i < sizeof...(_C); ++_i)
            if (static_cast<_Word>(_values[_i]) != _i) return false;
        return true;
    }
    // The number of a case; sizeof...(_C) if it is none.
    static _Size _find(_T _v) {
        if constexpr (_in_order()) {
            const auto _n = static_cast<_Word>(_v);
            return _n < sizeof...(_C) ? static_cast<_Size>(_n) : sizeof...(_C);
        } else {
            _Size _i = 0;
            while (_i < sizeof...(_C) && _values[_i] != _v) ++_i;
            return _i;
        }
    }
};

template <_Size _S, typename _Named, typename... _C, typename _T>
struct _In<_Enum<_S, _Named, _C...>, _T, void> : _Cases<_T, __is_enum(_T), _C...> {
    static _T _get(_Keep &, const _Byte *_block, _Size _at) {
        _Size _n = _block[_at];
        if constexpr (_S == 2) _n |= static_cast<_Size>(_block[_at + 1]) << 8;
        return _Numbers<_T, _C...>::_values[_n];
    }
};

template <_Size _S, typename _Named, typename... _C, typename _T>
struct _Out<_Enum<_S, _Named, _C...>, _T, void> : _Cases<_T, __is_enum(_T), _C...> {
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        const _Size _n = _Numbers<_T, _C...>::_find(_v);
        if (_n == sizeof...(_C))
            throw _Fault("the function returned a value that is no case of ")._add(_Named::_name());
        _sink._base[_at] = static_cast<_Byte>(_n);
        if constexpr (_S == 2) _sink._base[_at + 1] = static_cast<_Byte>(_n >> 8);
    }
};

}  // namespace __saggar
