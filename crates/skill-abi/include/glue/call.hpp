// The C++ glue, continued: which of a function's declarations is meant, and the call.

namespace __saggar __attribute__((__visibility__("hidden"))) {

// ---- Which declaration is meant ----

template <typename _R, typename... _P> struct _Signature {
    static constexpr _Size _count = sizeof...(_P);
};

// The signature of a function that is not overloaded.
struct _Alone {
    template <typename _R, typename... _P> static _Signature<_R, _P...> _take(_R (*)(_P...));
};

// What _Name's function tells a probe; void if it is none that the probe can read.
template <typename _Name, typename _Probe, typename = void> struct _Ask { using _Type = void; };
template <typename _Name, typename _Probe>
struct _Ask<_Name, _Probe, decltype(void(_Name::_give(_Probe())))> {
    using _Type = decltype(_Name::_give(_Probe()));
};

template <typename... _T> struct _Forms {};
template <typename... _Sets> struct _Join { using _Type = _Forms<>; };
template <typename... _T> struct _Join<_Forms<_T...>> { using _Type = _Forms<_T...>; };
template <typename... _A, typename... _B, typename... _Sets>
struct _Join<_Forms<_A...>, _Forms<_B...>, _Sets...> : _Join<_Forms<_A..., _B...>, _Sets...> {};

// The usual spellings of a value of type _Tag, by value.
template <typename _Tag> struct _Usual { using _Type = _Forms<>; };
template <> struct _Usual<_Scalar<'b', 1>> { using _Type = _Forms<bool>; };
template <> struct _Usual<_Scalar<'s', 1>> { using _Type = _Forms<signed char, char>; };
template <> struct _Usual<_Scalar<'u', 1>> { using _Type = _Forms<unsigned char, char>; };
template <> struct _Usual<_Scalar<'s', 2>> { using _Type = _Forms<short>; };
template <> struct _Usual<_Scalar<'u', 2>> { using _Type = _Forms<unsigned short>; };
template <> struct _Usual<_Scalar<'s', 4>> { using _Type = _Forms<int>; };
template <> struct _Usual<_Scalar<'u', 4>> { using _Type = _Forms<unsigned>; };
template <> struct _Usual<_Scalar<'s', 8>> { using _Type = _Forms<long, long long>; };
template <> struct _Usual<_Scalar<'u', 8>> {
    using _Type = _Forms<unsigned long, unsigned long long>;
};
template <> struct _Usual<_Scalar<'f', 4>> { using _Type = _Forms<float>; };
template <> struct _Usual<_Scalar<'f', 8>> { using _Type = _Forms<double>; };
template <> struct _Usual<_Char> { using _Type = _Forms<char32_t, char, wchar_t>; };

template <> struct _Usual<_String>
    : _Join<
#ifdef _BASIC_STRING_H
          _Forms<::std::string>,
#endif
#ifdef _GLIBCXX_STRING_VIEW
          _Forms<::std::string_view>,
#endif
          _Forms<>> {
};

// The same as parameters.
template <typename _Set> struct _Passed;
template <typename... _X> struct _Passed<_Forms<_X...>> {
    using _Type = _Forms<_X..., const _X &..., _X &..., _X &&...>;
};
template <typename _Tag> struct _Guesses : _Passed<typename _Usual<_Tag>::_Type> {};
// Pointers last: of two that fit, the one with a class is the source's, the other one libc's.
template <>
struct _Guesses<_String>
    : _Join<typename _Passed<typename _Usual<_String>::_Type>::_Type, _Forms<const char *>> {};
// ---- What a function gives for its result ----

// std::optional, std::expected
template <typename _T, typename = void> inline constexpr bool _holds = false;
template <typename _T>
inline constexpr bool _holds<_T, decltype(void(static_cast<bool>(_value<const _T &>().has_value())),
                                          void(*_value<const _T &>()))> = true;
template <typename _T, typename = void> inline constexpr bool _errs = false;
template <typename _T>
inline constexpr bool _errs<_T, decltype(void(_value<const _T &>().error()))> = _holds<_T>;
template <typename _T> using _Held = _Bare<decltype(*_value<const _T &>())>;
template <typename _T> using _Error = _Bare<decltype(_value<const _T &>().error())>;

// Leaves a message in place of the result, cut between characters.
unsigned _say(_Sink &_sink, const char *_text, _Size _length) noexcept;
unsigned _say(_Sink &_sink, const char *_text) noexcept;

template <typename _T, typename = void> inline constexpr bool _explains = false;
template <typename _T>
inline constexpr bool
    _explains<_T, _If<_same<decltype(_value<const _T &>().what()), const char *>>> = true;
template <typename _T, typename = void> inline constexpr bool _describes = false;
template <typename _T>
inline constexpr bool _describes<_T, decltype(void(_value<const _T &>().message().size()))> = true;

// Says the error that a std::expected holds where the interface has no result type.
template <typename _E> unsigned _tell(_Sink &_sink, const _E &_error) {
    if constexpr (_same<_E, const char *>) {
        return _say(_sink, _error);
    } else if constexpr (_Out<_String, _E>::_blame == _fine) {
        return _say(_sink, _error.data(), _error.size());
    } else if constexpr (_explains<_E>) {
        return _say(_sink, _error.what());
    } else if constexpr (_describes<_E>) {
        const auto _text = _error.message();
        return _say(_sink, _text.data(), _text.size());
    } else {
        return _say(_sink, "the function returned an error");
    }
}

template <> struct _Out<_Nothing, void, void> { static constexpr unsigned _blame = _fine; };

// How a function's result becomes the interface's: w as it is written, p plainly, its exceptions
// being the errors, u unwrapped from a std::expected.
template <typename _Tag, typename _R> struct _Given_as {
    static constexpr char _is = _errs<_R> && _Out<_Tag, _R>::_blame == _other ? 'u' : 'w';
};
template <typename _Tag, typename _R, char _Form = _Given_as<_Tag, _R>::_is> struct _Given {
    static constexpr unsigned _blame = _Out<_Tag, _R>::_blame;
    template <typename _Run, typename... _V>
    __attribute__((__cold__)) static unsigned _write(_Sink &_sink, _V &&..._v) {
        if constexpr (_same<_R, void>)
            _Run::_call(_v...);
        else
            _Out<_Tag, _R>::_put(_sink, 0, _Run::_call(_v...));
        return _ok;
    }
};

template <typename _Tag, typename _R> struct _Given<_Tag, _R, 'u'> {
    static constexpr unsigned _blame = _Out<_Tag, _Held<_R>>::_blame;
    template <typename _Run, typename... _V>
    __attribute__((__cold__)) static unsigned _write(_Sink &_sink, _V &&..._v) {
        auto &&_got = _Run::_call(_v...);
        if (!_got.has_value()) return _tell(_sink, _got.error());
        if constexpr (!_same<_Held<_R>, void>) _Out<_Tag, _Held<_R>>::_put(_sink, 0, *_got);
        return _ok;
    }
};

// ---- Whether a declaration fits ----

// How well a signature serves an interface's function. One complaint hides those that follow
// from it: nothing is said of an unknown signature, of parameters whose number is wrong nothing.
template <typename _Sig, typename _Result, typename... _Tags> struct _Match {
    static constexpr bool _known = false, _arity = true, _all = false;
    static constexpr unsigned _result_blame = _fine;
    template <_Size, typename...> static constexpr unsigned _one() { return _fine; }
};

template <typename _R, typename... _P, typename _Result, typename... _Tags>
struct _Match<_Signature<_R, _P...>, _Result, _Tags...> {
    static constexpr bool _known = true;
    static constexpr bool _arity = sizeof...(_P) == sizeof...(_Tags);
    static constexpr unsigned _result_blame = _Given<_Result, _Bare<_R>>::_blame;
    // A field or case is blamed once, for the first parameter that needs it.
    template <_Size _Which, typename... _T> static constexpr unsigned _one() {
        if constexpr (_arity) {
            const unsigned _all_blames[] = {_In<_T, _Bare<_P>>::_blame..., _result_blame};
            for (_Size _i = 0; _i < _Which; ++_i)
                if (_all_blames[_i] == _all_blames[_Which] && _all_blames[_i] > _other)
                    return _fine;
            return _all_blames[_Which];
        } else {
            return _Which == sizeof...(_T) ? _result_blame : unsigned(_fine);
        }
    }
    template <typename... _T> static constexpr bool _each() {
        if constexpr (_arity)
            return (true && ... && (_In<_T, _Bare<_P>>::_blame == _fine));
        else
            return false;
    }
    static constexpr bool _all = _result_blame == _fine && _each<_Tags...>();
};

template <typename _Want, typename _Set> struct _First { using _Type = void; };
template <typename _Want, typename _T, typename... _Rest>
struct _First<_Want, _Forms<_T, _Rest...>> {
    template <bool _Found, typename = void> struct _Pick { using _Type = _T; };
    template <typename _Unused>
    struct _Pick<false, _Unused> : _First<_Want, _Forms<_Rest...>> {};
    using _Type = typename _Pick<_Want::template _fits<_T>>::_Type;
};

// Every signature that naming one parameter's type singles out of the overloads.
template <typename _Name, unsigned _At, typename _Set> struct _Named;
template <typename _Name, unsigned _At, typename... _X>
struct _Named<_Name, _At, _Forms<_X...>> {
    using _Type = _Forms<typename _Ask<_Name, typename _Name::template _By<_At, _X>>::_Type...>;
};
template <typename _Name, unsigned _At, typename... _Tags> struct _Every {
    using _Type = _Forms<>;
};
template <typename _Name, unsigned _At, typename _Tag, typename... _Tags>
struct _Every<_Name, _At, _Tag, _Tags...>
    : _Join<typename _Named<_Name, _At, typename _Guesses<_Tag>::_Type>::_Type,
            typename _Every<_Name, _At + 1, _Tags...>::_Type> {};

template <typename _Result, typename... _Tags> struct _Wanted {
    template <typename _Sig> static constexpr bool _fits = _Match<_Sig, _Result, _Tags...>::_all;
};

// The first parameters of a signature, for those that have defaults after them.
template <_Size _N, typename _Sig, typename... _Done> struct _Head { using _Type = void; };
template <typename _R, typename... _P, typename... _Done>
struct _Head<0, _Signature<_R, _P...>, _Done...> { using _Type = _Signature<_R, _Done...>; };
template <_Size _N, typename _R, typename _P0, typename... _P, typename... _Done>
struct _Head<_N, _Signature<_R, _P0, _P...>, _Done...>
    : _Head<_N - 1, _Signature<_R, _P...>, _Done..., _P0> {};
template <typename _R, typename _P0, typename... _P, typename... _Done>
struct _Head<0, _Signature<_R, _P0, _P...>, _Done...> { using _Type = _Signature<_R, _Done...>; };

template <typename _Name, typename _Sig, typename = void>
inline constexpr bool _callable = false;
template <typename _Name, typename _R, typename... _P>
inline constexpr bool
    _callable<_Name, _Signature<_R, _P...>, decltype(void(_Name::_call(_value<_P>()...)))> = true;

// A chosen signature; _Whole if it is all of the declaration.
template <typename _Sig, bool _Whole> struct _Choice {
    using _Type = _Sig;
    static constexpr bool _whole = _Whole;
};

// The signature that a call of a template has.
template <bool _Is, typename _Name, typename _Result, typename... _Tags> struct _Templated {
    using _Type = void;
};

// What is not asked for is not instantiated: each step only where those before it found nothing.
template <typename _Name, typename _Result, typename... _Tags> constexpr auto _choose() {
    using _Only = typename _Ask<_Name, _Alone>::_Type;
    if constexpr (!_same<_Only, void>) {
        if constexpr (!_Match<_Only, _Result, _Tags...>::_arity) {
            using _Shorter = typename _Head<sizeof...(_Tags), _Only>::_Type;
            if constexpr (_callable<_Name, _Shorter>)
                return _Choice<_Shorter, false>();
            else
                return _Choice<_Only, true>();
        } else {
            return _Choice<_Only, true>();
        }
    } else {
        using _Wish = _Wanted<_Result, _Tags...>;
        using _Found = typename _First<_Wish, typename _Every<_Name, 0, _Tags...>::_Type>::_Type;
        if constexpr (!_same<_Found, void>) {
            return _Choice<_Found, true>();
        } else {
            using _Called =
                typename _Templated<_Name::_generic, _Name, _Result, _Tags...>::_Type;
            if constexpr (_same<_Called, void>)
                return _Choice<typename _Ask<_Name, typename _Name::_By_count>::_Type, true>();
            else
                return _Choice<_Called, false>();
        }
    }
}

// ---- The call ----

// Reads the parameters, calls the function and writes the result. Those that do are said to be
// rarely called, as they are for once in a call: so no compiler makes one great function of what
// they call.
using _Go = unsigned (*)(_Sink &_sink, const _Byte *_block);

// What every entry of the table does: a call whose result has _size bytes in place.
unsigned _enter(_Frame *_frame, _Size _size, _Go _go) noexcept;

template <typename _Name, bool _Whole, typename _Sig, typename _Result, typename... _Args>
struct _Run;
template <typename _Name, bool _Whole, typename _R, typename... _P, typename _Result,
          _Size... _At, typename... _Tags>
struct _Run<_Name, _Whole, _Signature<_R, _P...>, _Result, _Arg<_At, _Tags>...> {
    static _R _call(_Bare<_P> &..._v) {
        if constexpr (_Whole) {
            _R (*_function)(_P...) = _Name::template _as<_R (*)(_P...)>();
            // Not to be inlined: the source's function is compiled as it is without the glue.
            __asm__("" : "+r"(_function));
            return _function(static_cast<_P &&>(_v)...);
        } else {
            return _Name::_call(static_cast<_P &&>(_v)...);
        }
    }
    // What the result may point into lives until it is written.
    __attribute__((__cold__)) static unsigned _go(_Sink &_sink, const _Byte *_block) {
        _Keep _keep;
        (void)_block;
        return _Given<_Result, _Bare<_R>>::template _write<_Run>(
            _sink, _In<_Tags, _Bare<_P>>::_get(_keep, _block, _At)...);
    }
};

template <typename _Name, typename _Result, typename... _Args> struct _Fit;
template <typename _Name, typename _Result, _Size... _At, typename... _Tags>
struct _Fit<_Name, _Result, _Arg<_At, _Tags>...> {
    using _Chosen = decltype(_choose<_Name, _Result, _Tags...>());
    using _Sig = typename _Chosen::_Type;
    using _Judged = _Match<_Sig, _Result, _Tags...>;
    static constexpr bool _known = _Judged::_known;
    static constexpr bool _arity = _Judged::_arity;
    // Of a parameter, or, after the last, of the result.
    template <_Size _Which>
    static constexpr unsigned _blame = _Judged::template _one<_Which, _Tags...>();
    static constexpr _Go _go() {
        if constexpr (_Judged::_all)
            return &_Run<_Name, _Chosen::_whole, _Sig, _Result, _Arg<_At, _Tags>...>::_go;
        else
            return nullptr;
    }
};

}  // namespace __saggar
