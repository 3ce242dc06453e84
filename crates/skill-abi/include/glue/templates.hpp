// The C++ glue, continued: functions that are templates, called with the usual values.

namespace __saggar __attribute__((__visibility__("hidden"))) {

// The signature that a call with usual values has, for templates: the first that fits, else the
// first that can be called at all. _Sets are the forms of the parameters still to be chosen.
template <typename _Name, typename _Sig> struct _Called { using _Type = void; };
template <typename _Name, typename _R, typename... _P>
    struct _Called<_Name, _Signature<_R, _P...>> {
    template <typename _N>
    static auto _ask(_N *) -> _Signature<decltype(_N::_call(_value<_P>()...)), _P...>;
    static void _ask(...);
    using _Type = decltype(_ask(static_cast<_Name *>(nullptr)));
};

template <typename _Name, typename _Wish, typename _Done, typename... _Sets> struct _Try;
template <typename _Name, typename _Wish, typename _Done> struct _Try<_Name, _Wish, _Done> {
    using _Type = typename _Called<_Name, _Done>::_Type;
};
template <typename _Name, typename _Wish, typename _Done, typename... _Sets>
struct _Try<_Name, _Wish, _Done, _Forms<>, _Sets...> { using _Type = void; };
template <typename _Name, typename _Wish, typename... _P, typename _X, typename... _More,
          typename... _Sets>
struct _Try<_Name, _Wish, _Signature<void, _P...>, _Forms<_X, _More...>, _Sets...> {
    using _Here = typename _Try<_Name, _Wish, _Signature<void, _P..., _X>, _Sets...>::_Type;
    template <bool _Fits, typename = void> struct _Best { using _Type = _Here; };
    template <typename _Unused> struct _Best<false, _Unused> {
        using _There =
            typename _Try<_Name, _Wish, _Signature<void, _P...>, _Forms<_More...>, _Sets...>::_Type;
        static constexpr bool _better = _same<_Here, void> || _Wish::template _fits<_There>;
        using _Type = typename _Either<_better, _There, _Here>::_Type;
    };
    using _Type = typename _Best<_Wish::template _fits<_Here>>::_Type;
};

template <typename _Set> struct _Lvalues;
template <typename... _X> struct _Lvalues<_Forms<_X...>> { using _Type = _Forms<_X &...>; };

template <typename _Name, typename _Result, typename... _Tags>
struct _Templated<true, _Name, _Result, _Tags...> {
    using _Wish = _Wanted<_Result, _Tags...>;
    using _Moved =
        typename _Try<_Name, _Wish, _Signature<void>, typename _Usual<_Tags>::_Type...>::_Type;
    template <bool _Done, typename = void> struct _Then { using _Type = _Moved; };
    template <typename _Unused> struct _Then<false, _Unused> {
        using _Type =
            typename _Try<_Name, _Wish, _Signature<void>,
                          typename _Lvalues<typename _Usual<_Tags>::_Type>::_Type...>::_Type;
    };
    using _Type = typename _Then<!_same<_Moved, void>>::_Type;
};

}  // namespace __saggar
