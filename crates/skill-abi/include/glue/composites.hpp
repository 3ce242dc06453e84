// The C++ glue, continued: tuples, options and results, in parameters and results.

namespace __saggar __attribute__((__visibility__("hidden"))) {

// ---- What a class can do ----

template <typename _T> inline constexpr bool _pointer = false;
template <typename _T> inline constexpr bool _pointer<_T *> = true;

template <typename _T> inline constexpr bool _referring = false;
template <typename _T> inline constexpr bool _referring<_T &> = true;
template <typename _T> inline constexpr bool _referring<_T &&> = true;

// std::unique_ptr, std::shared_ptr
template <typename _T, typename = void> inline constexpr bool _owns = false;
template <typename _T>
inline constexpr bool
    _owns<_T, decltype(void(_value<const _T &>().get()), void(*_value<const _T &>()),
                       void(sizeof(typename _T::element_type)))> = true;

// Makes `get<0>(x)` a call to C++17; the source's is found by its argument.
template <_Size> void get();

template <typename _T, typename = void> inline constexpr bool _indexed = false;
template <typename _T>
inline constexpr bool _indexed<_T, decltype(void(_value<const _T &>().index()))> = true;
template <typename _T, typename = void> inline constexpr bool _gettable = false;
template <typename _T>
inline constexpr bool _gettable<_T, decltype(void(get<0>(_value<_T &>())))> = true;

constexpr unsigned _worst() { return _fine; }
template <typename... _Rest> constexpr unsigned _worst(unsigned _first, _Rest... _rest) {
    return _first != _fine ? _first : _worst(_rest...);
}

// ---- Payloads that hold nothing: std::monostate and empty structs ----

template <> struct _In<_Unit, void, void> { static constexpr unsigned _blame = _fine; };
template <typename _T> struct _In<_Unit, _T, _If<__is_empty(_T) && sizeof(_T{}) != 0>> {
    static constexpr unsigned _blame = _fine;
    static _T _get(_Keep &, const _Byte *, _Size) { return _T(); }
};
template <> struct _Out<_Unit, void, void> { static constexpr unsigned _blame = _fine; };
template <typename _T> struct _Out<_Unit, _T, _If<__is_empty(_T)>> {
    static constexpr unsigned _blame = _fine;
    static void _put(_Sink &, _Size, const _T &) {}
};

// ---- Tuples ----

// std::tuple, std::pair
template <_Size _S, _Size _A, _Size... _At, typename... _Tags,
          template <typename...> class _V, typename... _X>
struct _In<_Tuple<_S, _A, _Arg<_At, _Tags>...>, _V<_X...>,
           _If<sizeof...(_Tags) == sizeof...(_X) && _gettable<_V<_X...>> &&
               !_indexed<_V<_X...>> && sizeof(_V<_X...>(_value<_X>()...)) != 0>> {
    static constexpr unsigned _blame =
        _worst((_referring<_X> ? unsigned(_other) : _In<_Tags, _Bare<_X>>::_blame)...);
    static _V<_X...> _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        return _V<_X...>(_In<_Tags, _Bare<_X>>::_get(_keep, _block, _at + _At)...);
    }
};

template <_Size _S, _Size _A, _Size... _At, typename... _Tags,
          template <typename, _Size> class _V, typename _X, _Size _N>
struct _In<_Tuple<_S, _A, _Arg<_At, _Tags>...>, _V<_X, _N>,
           _If<sizeof...(_Tags) == _N && _is_array<_V<_X, _N>, _X, _N>>> {
    static constexpr unsigned _blame = _worst(_In<_Tags, _X>::_blame...);
    static _V<_X, _N> _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        return _V<_X, _N>{{_In<_Tags, _X>::_get(_keep, _block, _at + _At)...}};
    }
};

template <_Size _Which, typename _Tag, _Size _At, typename _T>
void _put_member(_Sink &_sink, _Size _at, const _T &_v) {
    using _X = _Bare<decltype(get<_Which>(_v))>;
    _Out<_Tag, _X>::_put(_sink, _at + _At, get<_Which>(_v));
}

template <_Size...> struct _Counted {};
template <_Size _N, _Size... _I> struct _Count : _Count<_N - 1, _N - 1, _I...> {};
template <_Size... _I> struct _Count<0, _I...> { using _Type = _Counted<_I...>; };

template <typename _T, _Size _S, _Size... _At, typename... _Tags, _Size... _I>
void _put_members(_Sink &_sink, _Size _at, const _T &_v, _Counted<_I...>,
                  _Arg<_At, _Tags> *...) {
    if constexpr ((_Tags::_size + ... + 0) != _S) _sink._clear(_at, _S);
    (_put_member<_I, _Tags, _At>(_sink, _at, _v), ...);
}

template <_Size _S, _Size _A, _Size... _At, typename... _Tags,
          template <typename...> class _V, typename... _X>
struct _Out<_Tuple<_S, _A, _Arg<_At, _Tags>...>, _V<_X...>,
            _If<sizeof...(_Tags) == sizeof...(_X) && _gettable<_V<_X...>> &&
                !_indexed<_V<_X...>>>> {
    static constexpr unsigned _blame = _worst(_Out<_Tags, _Bare<_X>>::_blame...);
    static void _put(_Sink &_sink, _Size _at, const _V<_X...> &_v) {
        _put_members<_V<_X...>, _S>(_sink, _at, _v, typename _Count<sizeof...(_X)>::_Type(),
                                    static_cast<_Arg<_At, _Tags> *>(nullptr)...);
    }
};

template <_Size _S, _Size _A, _Size... _At, typename... _Tags,
          template <typename, _Size> class _V, typename _X, _Size _N>
struct _Out<_Tuple<_S, _A, _Arg<_At, _Tags>...>, _V<_X, _N>,
            _If<sizeof...(_Tags) == _N && _is_array<_V<_X, _N>, _X, _N>>> {
    static constexpr unsigned _blame = _worst(_Out<_Tags, _X>::_blame...);
    static void _put(_Sink &_sink, _Size _at, const _V<_X, _N> &_v) {
        if constexpr ((_Tags::_size + ... + 0) != _S) _sink._clear(_at, _S);
        _Size _i = 0;
        (_Out<_Tags, _X>::_put(_sink, _at + _At, _v[_i++]), ...);
    }
};

// ---- Options ----

// How a type is an option: c text or NULL, p pointer, o owner, v optional; 0 not at all.
template <typename _Tag, typename _T> constexpr char _option_form() {
    if constexpr (_same<_Tag, _String> && (_same<_T, const char *> || _same<_T, char *>))
        return 'c';
    else if constexpr (_pointer<_T>)
        return 'p';
    else if constexpr (_holds<_T> && !_errs<_T>)
        return 'v';
    else if constexpr (_owns<_T>)
        return 'o';
    else
        return 0;
}

template <typename _Tag, typename _T, char _Form> struct _In_option {
    static constexpr unsigned _blame = _other;
};

template <typename _Tag, typename _T> struct _In_option<_Tag, _T, 'c'> {
    static constexpr unsigned _blame = _In<_Tag, _T>::_blame;
    static _T _some(_Keep &_keep, const _Byte *_block, _Size _at) {
        return _In<_Tag, _T>::_get(_keep, _block, _at);
    }
};

template <typename _Tag, typename _T> struct _In_option<_Tag, _T *, 'p'> {
    using _X = _Bare<_T>;
    static constexpr unsigned _blame = _In<_Tag, _X>::_blame;
    static _T *_some(_Keep &_keep, const _Byte *_block, _Size _at) {
        return _keep._array<_X>(
            1, [&](_Size) { return _In<_Tag, _X>::_get(_keep, _block, _at); });
    }
};

template <typename _Tag, typename _T> struct _In_option<_Tag, _T, 'o'> {
    using _X = typename _T::element_type;
    static constexpr unsigned _blame = _In<_Tag, _Bare<_X>>::_blame;
    static _T _some(_Keep &_keep, const _Byte *_block, _Size _at) {
        return _T(new _X(_In<_Tag, _Bare<_X>>::_get(_keep, _block, _at)));
    }
};

template <typename _Tag, typename _T> struct _In_option<_Tag, _T, 'v'> {
    using _X = _Held<_T>;
    static constexpr unsigned _blame = _In<_Tag, _X>::_blame;
    static _T _some(_Keep &_keep, const _Byte *_block, _Size _at) {
        return _T(_In<_Tag, _X>::_get(_keep, _block, _at));
    }
};

template <_Size _S, _Size _A, typename _Tag, typename _T>
struct _In<_Option<_S, _A, _Tag>, _T, void> {
    using _Form = _In_option<_Tag, _T, _option_form<_Tag, _T>()>;
    static constexpr unsigned _blame = _Form::_blame;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        if (_block[_at] == 0) return _T();
        return _Form::_some(_keep, _block, _at + _A);
    }
};

template <typename _Tag, typename _T, char _Form> struct _Out_option {
    static constexpr unsigned _blame = _other;
};

template <typename _Tag, typename _T> struct _Out_option<_Tag, _T, 'c'> {
    static constexpr unsigned _blame = _fine;
    static bool _has(const _T &_v) { return _v != nullptr; }
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _Out<_Tag, _T>::_put(_sink, _at, _v);
    }
};

template <typename _Tag, typename _T> struct _Out_option<_Tag, _T *, 'p'> {
    using _X = _Bare<_T>;
    static constexpr unsigned _blame = _Out<_Tag, _X>::_blame;
    static bool _has(_T *_v) { return _v != nullptr; }
    static void _put(_Sink &_sink, _Size _at, _T *_v) { _Out<_Tag, _X>::_put(_sink, _at, *_v); }
};

template <typename _Tag, typename _T> struct _Out_option<_Tag, _T, 'o'> {
    static constexpr unsigned _blame = _Out<_Tag, _Held<_T>>::_blame;
    static bool _has(const _T &_v) { return _v.get() != nullptr; }
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _Out<_Tag, _Held<_T>>::_put(_sink, _at, *_v);
    }
};

template <typename _Tag, typename _T> struct _Out_option<_Tag, _T, 'v'> {
    static constexpr unsigned _blame = _Out<_Tag, _Held<_T>>::_blame;
    static bool _has(const _T &_v) { return _v.has_value(); }
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _Out<_Tag, _Held<_T>>::_put(_sink, _at, *_v);
    }
};

template <_Size _S, _Size _A, typename _Tag, typename _T>
struct _Out<_Option<_S, _A, _Tag>, _T, void> {
    using _Form = _Out_option<_Tag, _T, _option_form<_Tag, _T>()>;
    static constexpr unsigned _blame = _Form::_blame;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _sink._clear(_at, _S);
        if (!_Form::_has(_v)) return;
        _sink._base[_at] = 1;
        _Form::_put(_sink, _at + _A, _v);
    }
};

// ---- Results ----

// std::expected
template <_Size _S, _Size _A, typename _Ok, typename _Err, typename _T>
struct _In<_Outcome<_S, _A, _Ok, _Err>, _T,
           decltype(void(sizeof(typename _T::unexpected_type)), void(_value<_T &>().error()))> {
    using _X = _Bare<typename _T::value_type>;
    using _E = _Error<_T>;
    static constexpr unsigned _blame = _worst(_In<_Ok, _X>::_blame, _In<_Err, _E>::_blame);
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        if (_block[_at] != 0)
            return _T(typename _T::unexpected_type(_In<_Err, _E>::_get(_keep, _block, _at + _A)));
        if constexpr (_same<_X, void>)
            return _T();
        else
            return _T(_In<_Ok, _X>::_get(_keep, _block, _at + _A));
    }
};

// std::variant of the two payloads, in either order; if that is no difference, ok comes first.
template <template <typename, typename> class _Way, typename _Ok, typename _Err, typename _A,
          typename _B>
struct _Order {
    static constexpr unsigned _straight = _worst(_Way<_Ok, _A>::_blame, _Way<_Err, _B>::_blame);
    static constexpr unsigned _crossed = _worst(_Way<_Ok, _B>::_blame, _Way<_Err, _A>::_blame);
    static constexpr unsigned _blame = _crossed == _fine ? unsigned(_fine) : _straight;
    static constexpr _Size _ok_index = _straight != _fine && _crossed == _fine ? 1 : 0;
};
template <typename _Tag, typename _T> using _Into = _In<_Tag, _T>;
template <typename _Tag, typename _T> using _From = _Out<_Tag, _T>;

template <_Size _S, _Size _A, typename _Ok, typename _Err, template <typename...> class _V,
          typename _First, typename _Second>
struct _In<_Outcome<_S, _A, _Ok, _Err>, _V<_First, _Second>,
           decltype(void(_value<_V<_First, _Second> &>().index()),
                    void(_value<_V<_First, _Second> &>().template emplace<1>(_value<_Second>())),
                    void(_V<_First, _Second>()))> {
    using _T = _V<_First, _Second>;
    using _Ordered = _Order<_Into, _Ok, _Err, _First, _Second>;
    static constexpr unsigned _blame = _Ordered::_blame;
    static constexpr bool _swapped = _Ordered::_ok_index == 1;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        using _Tag0 = typename _Either<_swapped, _Err, _Ok>::_Type;
        using _Tag1 = typename _Either<_swapped, _Ok, _Err>::_Type;
        _T _made = _T();
        if ((_block[_at] != 0) != _swapped)
            _made.template emplace<1>(_In<_Tag1, _Second>::_get(_keep, _block, _at + _A));
        else
            _made.template emplace<0>(_In<_Tag0, _First>::_get(_keep, _block, _at + _A));
        return _made;
    }
};

template <_Size _S, _Size _A, typename _Ok, typename _Err, typename _T>
struct _Out<_Outcome<_S, _A, _Ok, _Err>, _T, _If<_errs<_T>>> {
    static constexpr unsigned _blame =
        _worst(_Out<_Ok, _Held<_T>>::_blame, _Out<_Err, _Error<_T>>::_blame);
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _sink._clear(_at, _S);
        if (!_v.has_value()) {
            _sink._base[_at] = 1;
            _Out<_Err, _Error<_T>>::_put(_sink, _at + _A, _v.error());
        } else if constexpr (!_same<_Held<_T>, void>) {
            _Out<_Ok, _Held<_T>>::_put(_sink, _at + _A, *_v);
        }
    }
};

template <_Size _S, _Size _A, typename _Ok, typename _Err, template <typename...> class _V,
          typename _First, typename _Second>
struct _Out<_Outcome<_S, _A, _Ok, _Err>, _V<_First, _Second>,
            _If<_indexed<_V<_First, _Second>> && _gettable<_V<_First, _Second>>>> {
    using _Ordered = _Order<_From, _Ok, _Err, _First, _Second>;
    static constexpr unsigned _blame = _Ordered::_blame;
    static void _put(_Sink &_sink, _Size _at, const _V<_First, _Second> &_v) {
        constexpr _Size _ok_at = _Ordered::_ok_index;
        using _X = typename _Either<_ok_at == 0, _First, _Second>::_Type;
        using _E = typename _Either<_ok_at == 0, _Second, _First>::_Type;
        _sink._clear(_at, _S);
        if (_v.index() == _ok_at) {
            _Out<_Ok, _X>::_put(_sink, _at + _A, get<_ok_at>(_v));
        } else {
            _sink._base[_at] = 1;
            _Out<_Err, _E>::_put(_sink, _at + _A, get<1 - _ok_at>(_v));
        }
    }
};

// A function that returns the payload alone: its exceptions are the errors.
template <_Size _S, _Size _A, typename _Ok, typename _Err, typename _R>
struct _Given_as<_Outcome<_S, _A, _Ok, _Err>, _R> {
    using _Tag = _Outcome<_S, _A, _Ok, _Err>;
    static constexpr bool _plain = _Out<_Tag, _R>::_blame != _fine && !_errs<_R> && !_indexed<_R>;
    static constexpr char _is = _plain ? 'p' : 'w';
};

template <_Size _S, _Size _A, typename _Ok, typename _Err, typename _R>
struct _Given<_Outcome<_S, _A, _Ok, _Err>, _R, 'p'> {
    static constexpr unsigned _blame = _Out<_Ok, _R>::_blame;
    template <typename _Run, typename... _V> static void _plain(_Sink &_sink, _V &..._v) {
        _sink._clear(0, _S);
        if constexpr (_same<_R, void>)
            _Run::_call(_v...);
        else
            _Out<_Ok, _R>::_put(_sink, _A, _Run::_call(_v...));
    }
    template <typename _Run, typename... _V>
    __attribute__((__cold__)) static unsigned _write(_Sink &_sink, _V &&..._v) {
        if constexpr (_same<_Err, _String> || _same<_Err, _Unit>) {
            try {
                _plain<_Run>(_sink, _v...);
            } catch (const ::std::bad_alloc &) {
                throw;
            } catch (const ::std::exception &_thrown) {
                _sink._len = _S;
                _sink._clear(0, _S);
                _sink._base[0] = 1;
                if constexpr (_same<_Err, _String>) {
                    const char *_what = _thrown.what();
                    _Out<_String, const char *>::_put(_sink, _A, _what ? _what : "");
                }
            }
        } else {
            _plain<_Run>(_sink, _v...);
        }
        return _ok;
    }
};

// ---- The usual forms, which tell overloads apart ----

template <typename _Set> struct _Optionals { using _Type = _Forms<>; };
#ifdef __cpp_lib_optional
template <typename... _X> struct _Optionals<_Forms<_X...>> {
    using _Type = _Forms<::std::optional<_X>...>;
};
#endif
template <_Size _S, _Size _A, typename _Tag>
struct _Usual<_Option<_S, _A, _Tag>> : _Optionals<typename _Usual<_Tag>::_Type> {};

// Of types with several parts only those that spell all parts by their first form, or all by
// their last, are usual: every mixture would be too many.
template <typename> struct _Ends { using _First = _Unit; using _Last = _Unit; };
template <typename _X> struct _Ends<_Forms<_X>> { using _First = _X; using _Last = _X; };
template <typename _X, typename _Y, typename... _Rest> struct _Ends<_Forms<_X, _Y, _Rest...>> {
    using _First = _X;
    using _Last = typename _Ends<_Forms<_Y, _Rest...>>::_Last;
};
template <typename... _X> struct _Tuples {
#ifdef _GLIBCXX_TUPLE
    using _Type = _Forms<::std::tuple<_X...>>;
#else
    using _Type = _Forms<>;
#endif
};
#ifdef _STL_PAIR_H
template <typename _X, typename _Y>
struct _Tuples<_X, _Y>
    : _Join<
#ifdef _GLIBCXX_TUPLE
          _Forms<::std::tuple<_X, _Y>>,
#endif
          _Forms<::std::pair<_X, _Y>>> {
};
#endif
template <_Size _S, _Size _A, typename... _Args> struct _Usual<_Tuple<_S, _A, _Args...>>;
template <_Size _S, _Size _A, _Size... _At, typename... _Tags>
struct _Usual<_Tuple<_S, _A, _Arg<_At, _Tags>...>>
    : _Join<typename _Tuples<typename _Ends<typename _Usual<_Tags>::_Type>::_First...>::_Type,
            typename _Tuples<typename _Ends<typename _Usual<_Tags>::_Type>::_Last...>::_Type> {};

template <typename, typename> struct _Eithers { using _Type = _Forms<>; };
#ifdef __cpp_lib_variant
template <typename _X, typename _Y> struct _Eithers<_Forms<_X>, _Forms<_Y>> {
    using _Type = _Forms<::std::variant<_X, _Y>>;
};
#endif
template <typename, typename> struct _Expecteds { using _Type = _Forms<>; };
#ifdef __cpp_lib_expected
template <typename _X, typename _Y> struct _Expecteds<_Forms<_X>, _Forms<_Y>> {
    using _Type = _Forms<::std::expected<_X, _Y>>;
};
#endif
template <typename _Tag> using _Usual_first = _Forms<typename _Ends<typename _Usual<_Tag>::_Type>::_First>;
template <_Size _S, _Size _A, typename _Ok, typename _Err>
struct _Usual<_Outcome<_S, _A, _Ok, _Err>>
    : _Join<typename _Expecteds<_Usual_first<_Ok>, _Usual_first<_Err>>::_Type,
            typename _Eithers<_Usual_first<_Ok>, _Usual_first<_Err>>::_Type> {};

}  // namespace __saggar
