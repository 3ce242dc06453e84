// The C++ glue: reads the parameters of a call out of the argument block in whatever form the
// source declares them, calls the function, writes what it returned into the result block. The
// layout is that of saggar-skill-abi's `layout`, the structures that of its `frame`.
//
// It stands after the source in one translation unit, so every name here has a reserved spelling;
// standard types are recognised by what they can do, never by name, except among the guesses that
// tell overloads apart.

#include <exception>
#include <new>

namespace __saggar __attribute__((__visibility__("hidden"))) {

using _Byte = unsigned char;
using _Size = __SIZE_TYPE__;
using _Word = __UINT64_TYPE__;

struct _Frame {
    const _Byte *_args;
    _Word _args_len;
    _Byte *_result;
    _Word _result_cap;
    _Word _result_len;
};

using _Entry = unsigned (*)(_Frame *);

struct _Table {
    unsigned _abi;
    unsigned _count;
    _Byte _interface[32];
    const _Entry *_entries;
};

enum _Status : unsigned { _ok, _exception, _result_too_large, _out_of_memory };

// The types of an interface.
template <char _Kind, unsigned _Width> struct _Scalar {};
struct _String {};
template <typename _Element> struct _List {};
struct _Nothing {};

// ---- What the language leaves to <type_traits> ----

template <typename _A, typename _B> inline constexpr bool _same = false;
template <typename _A> inline constexpr bool _same<_A, _A> = true;

template <bool> struct _Enable {};
template <> struct _Enable<true> { using _Type = void; };
template <bool _Condition> using _If = typename _Enable<_Condition>::_Type;

template <typename _T> struct _Strip { using _Type = _T; };
template <typename _T> struct _Strip<_T &> : _Strip<_T> {};
template <typename _T> struct _Strip<_T &&> : _Strip<_T> {};
template <typename _T> struct _Strip<const _T> : _Strip<_T> {};
template <typename _T> struct _Strip<volatile _T> : _Strip<_T> {};
template <typename _T> struct _Strip<const volatile _T> : _Strip<_T> {};
template <typename _T> using _Bare = typename _Strip<_T>::_Type;

template <typename _T> _T &&_value() noexcept;

// What a container's data() points to, const kept.
template <typename _T> struct _Pointee {};
template <typename _T> struct _Pointee<_T *> { using _Type = _T; };
template <typename _T>
using _Item = typename _Pointee<decltype(_value<_T &>().data())>::_Type;

// ---- Scalars ----

template <typename _T> inline constexpr char _kind = 0;
template <> inline constexpr char _kind<bool> = 'b';
template <> inline constexpr char _kind<char> = static_cast<char>(-1) < 0 ? 's' : 'u';
template <> inline constexpr char _kind<signed char> = 's';
template <> inline constexpr char _kind<short> = 's';
template <> inline constexpr char _kind<int> = 's';
template <> inline constexpr char _kind<long> = 's';
template <> inline constexpr char _kind<long long> = 's';
template <> inline constexpr char _kind<unsigned char> = 'u';
template <> inline constexpr char _kind<unsigned short> = 'u';
template <> inline constexpr char _kind<unsigned> = 'u';
template <> inline constexpr char _kind<unsigned long> = 'u';
template <> inline constexpr char _kind<unsigned long long> = 'u';
template <> inline constexpr char _kind<float> = 'f';
template <> inline constexpr char _kind<double> = 'f';

template <typename _Tag, typename _T> inline constexpr bool _is_scalar = false;
template <char _Kind, unsigned _Width, typename _T>
inline constexpr bool _is_scalar<_Scalar<_Kind, _Width>, _T> =
    _kind<_T> == _Kind && sizeof(_T) == _Width;

template <typename _Tag> inline constexpr _Size _stride = 16;
template <char _Kind, unsigned _Width>
inline constexpr _Size _stride<_Scalar<_Kind, _Width>> = _Width;
template <> inline constexpr _Size _stride<_Nothing> = 0;

template <typename _Tag>
inline constexpr _Size _align = _stride<_Tag> < 8 ? _stride<_Tag> : 8;

// ---- Parameters ----

// Elements that a view shows but the block does not hold; they live until the call is over.
class _Keep {
    struct _Node {
        _Node *_next;
        explicit _Node(_Node *_n) : _next(_n) {}
        _Node(const _Node &) = delete;
        _Node &operator=(const _Node &) = delete;
        virtual ~_Node() {}
    };
    template <typename _T> struct _Array : _Node {
        _T *_items;
        _Size _made = 0;
        _Array(_Node *_n, _Size _count)
            : _Node(_n), _items(static_cast<_T *>(::operator new(_count * sizeof(_T)))) {}
        ~_Array() override {
            while (_made > 0) _items[--_made].~_T();
            ::operator delete(static_cast<void *>(_items));
        }
    };
    _Node *_first = nullptr;

public:
    _Keep() {}
    _Keep(const _Keep &) = delete;
    _Keep &operator=(const _Keep &) = delete;
    ~_Keep() {
        while (_first) {
            _Node *_gone = _first;
            _first = _gone->_next;
            delete _gone;
        }
    }
    template <typename _T, typename _Make> _T *_array(_Size _count, _Make _make) {
        auto *_kept = new _Array<_T>(_first, _count);
        _first = _kept;
        for (_Size _i = 0; _i < _count; ++_i, ++_kept->_made)
            ::new (static_cast<void *>(_kept->_items + _i)) _T(_make(_i));
        return _kept->_items;
    }
};

struct _Span {
    const _Byte *_data;
    _Size _count;
};

inline _Span _span_at(const _Byte *_block, _Size _at) {
    _Word _pair[2];
    __builtin_memcpy(_pair, _block + _at, sizeof _pair);
    return {_block + _pair[0], static_cast<_Size>(_pair[1])};
}

// How a parameter of type _Tag becomes a _T; `_fits` is false where it cannot.
template <typename _Tag, typename _T, typename = void> struct _In {
    static constexpr bool _fits = false;
};

template <typename _Tag, typename _T> struct _In<_Tag, _T, _If<_is_scalar<_Tag, _T>>> {
    static constexpr bool _fits = true;
    static _T _get(_Keep &, const _Byte *_block, _Size _at) {
        _T _v;
        __builtin_memcpy(&_v, _block + _at, sizeof _v);
        return _v;
    }
};

template <> struct _In<_String, const char *, void> {
    static constexpr bool _fits = true;
    static const char *_get(_Keep &, const _Byte *_block, _Size _at) {
        return reinterpret_cast<const char *>(_span_at(_block, _at)._data);
    }
};

// std::string, std::string_view
template <typename _T>
struct _In<_String, _T,
           _If<_same<_Bare<_Item<_T>>, char> && sizeof(_T(_value<const char *>(), _Size())) != 0>> {
    static constexpr bool _fits = true;
    static _T _get(_Keep &, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        return _T(reinterpret_cast<const char *>(_s._data), _s._count);
    }
};

template <typename _T, typename = void> inline constexpr bool _reserves = false;
template <typename _T>
inline constexpr bool _reserves<_T, decltype(void(_value<_T &>().reserve(_Size())))> = true;

template <typename _T, typename _X, typename = void> inline constexpr bool _from_range = false;
template <typename _T, typename _X>
inline constexpr bool
    _from_range<_T, _X, decltype(void(_T(_value<const _X *>(), _value<const _X *>())))> = true;

// std::vector, std::deque, std::list, and what else has push_back
template <typename _Tag, typename _T>
struct _In<_List<_Tag>, _T,
           decltype(_value<_T &>().push_back(_value<typename _T::value_type>()), void(_T()))> {
    using _X = typename _T::value_type;
    static constexpr bool _fits = _In<_Tag, _X>::_fits;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        if constexpr (_is_scalar<_Tag, _X> && _from_range<_T, _X>) {
            const _X *_begin = reinterpret_cast<const _X *>(_s._data);
            return _T(_begin, _begin + _s._count);
        } else {
            _Size _from = static_cast<_Size>(_s._data - _block);
            _T _made = _T();
            if constexpr (_reserves<_T>) _made.reserve(_s._count);
            for (_Size _i = 0; _i < _s._count; ++_i)
                _made.push_back(_In<_Tag, _X>::_get(_keep, _block, _from + _i * _stride<_Tag>));
            return _made;
        }
    }
};

template <typename _T, typename = void> inline constexpr bool _grows = false;
template <typename _T>
inline constexpr bool
    _grows<_T, decltype(void(_value<_T &>().push_back(_value<typename _T::value_type>())))> = true;

// std::span of a length that is not fixed
template <typename _Tag, typename _T>
struct _In<_List<_Tag>, _T,
           _If<!_grows<_T> && sizeof(_T(_value<_Item<_T> *>(), _Size())) != 0 &&
               sizeof(_T{}) != 0>> {
    using _X = _Bare<_Item<_T>>;
    static constexpr bool _fits = _In<_Tag, _X>::_fits;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        if constexpr (_is_scalar<_Tag, _X>) {
            return _T(const_cast<_X *>(reinterpret_cast<const _X *>(_s._data)), _s._count);
        } else {
            _Size _from = static_cast<_Size>(_s._data - _block);
            return _T(_keep._array<_X>(_s._count,
                                       [&](_Size _i) {
                                           return _In<_Tag, _X>::_get(_keep, _block,
                                                                      _from + _i * _stride<_Tag>);
                                       }),
                      _s._count);
        }
    }
};

// ---- Results ----

struct _Null {};

// The loop must stay one: a source may define its own strlen.
__attribute__((__optimize__("no-tree-loop-distribute-patterns"))) inline _Size
_length(const char *_text) {
    _Size _n = 0;
    while (_text[_n]) ++_n;
    return _n;
}

// The result block. What does not fit is not written, and `_full` says so.
struct _Sink {
    _Byte *_base;
    _Size _cap;
    _Size _len;
    bool _full;

    // Room for _count times _stride bytes; the gap before it is zeroed.
    _Size _take(_Size _count, _Size _stride, _Size _align) {
        _Size _gap = (_align - _len % _align) % _align;
        if (_full || _gap > _cap - _len || _count > (_cap - _len - _gap) / _stride) {
            _full = true;
            return 0;
        }
        for (; _gap > 0; --_gap) _base[_len++] = 0;
        _Size _at = _len;
        _len += _count * _stride;
        return _at;
    }
    void _pair(_Size _at, _Size _offset, _Size _count) {
        _Word _two[2] = {_offset, _count};
        __builtin_memcpy(_base + _at, _two, sizeof _two);
    }
    void _bytes(_Size _at, const void *_data, _Size _count, _Size _stride, _Size _align) {
        _Size _start = _take(_count, _stride, _align);
        if (_full) return;
        _pair(_at, _start, _count);
        if (_count > 0) __builtin_memcpy(_base + _start, _data, _count * _stride);
    }
};

// How a returned _T is written as a _Tag; `_fits` is false where it cannot.
template <typename _Tag, typename _T, typename = void> struct _Out {
    static constexpr bool _fits = false;
};

template <typename _Tag, typename _T> struct _Out<_Tag, _T, _If<_is_scalar<_Tag, _T>>> {
    static constexpr bool _fits = true;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        __builtin_memcpy(_sink._base + _at, &_v, sizeof _v);
    }
};

template <typename _T>
struct _Out<_String, _T, _If<_same<_T, char *> || _same<_T, const char *>>> {
    static constexpr bool _fits = true;
    static void _put(_Sink &_sink, _Size _at, const char *_v) {
        if (!_v) throw _Null();
        _sink._bytes(_at, _v, _length(_v), 1, 1);
    }
};

template <typename _T>
struct _Out<_String, _T,
            _If<_same<_Bare<_Item<const _T>>, char> && sizeof(_value<const _T &>().size()) != 0>> {
    static constexpr bool _fits = true;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _sink._bytes(_at, _v.data(), _v.size(), 1, 1);
    }
};

template <typename _T, typename _X, typename = void> inline constexpr bool _contiguous = false;
template <typename _T, typename _X>
inline constexpr bool
    _contiguous<_T, _X, _If<_same<_Bare<_Item<const _T>>, _X>>> = true;

template <typename _Tag, typename _T>
struct _Out<_List<_Tag>, _T,
            decltype(_value<const _T &>().begin(), _value<const _T &>().end(),
                     void(_value<const _T &>().size()))> {
    using _X = _Bare<typename _T::value_type>;
    static constexpr bool _fits = _Out<_Tag, _X>::_fits;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        const _Size _n = static_cast<_Size>(_v.size());
        if constexpr (_is_scalar<_Tag, _X> && _contiguous<_T, _X>) {
            _sink._bytes(_at, _v.data(), _n, _stride<_Tag>, _align<_Tag>);
        } else {
            _Size _start = _sink._take(_n, _stride<_Tag>, _align<_Tag>);
            if (_sink._full) return;
            _sink._pair(_at, _start, _n);
            _Size _i = 0;
            for (auto _it = _v.begin(); _it != _v.end() && _i < _n && !_sink._full; ++_it, ++_i)
                _Out<_Tag, _X>::_put(_sink, _start + _i * _stride<_Tag>, *_it);
        }
    }
};

template <> struct _Out<_Nothing, void, void> { static constexpr bool _fits = true; };

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

template <typename _Set> struct _Vectors { using _Type = _Forms<>; };
#ifdef _STL_VECTOR_H
template <typename... _X> struct _Vectors<_Forms<_X...>> {
    using _Type = _Forms<::std::vector<_X>...>;
};
#endif
template <typename _Tag> struct _Usual<_List<_Tag>> : _Vectors<typename _Usual<_Tag>::_Type> {};

template <typename _Set> struct _Spans { using _Type = _Forms<>; };
#ifdef _GLIBCXX_SPAN
#ifdef __cpp_lib_span
template <typename... _X> struct _Spans<_Forms<_X...>> {
    using _Type = _Forms<::std::span<const _X>..., ::std::span<_X>...>;
};
#endif
#endif

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
template <typename _Tag>
struct _Guesses<_List<_Tag>>
    : _Join<typename _Passed<typename _Usual<_List<_Tag>>::_Type>::_Type,
            typename _Spans<typename _Usual<_Tag>::_Type>::_Type> {};

// How well a signature serves an interface's function. One complaint hides those that follow
// from it: nothing is said of an unknown signature, of parameters whose number is wrong nothing.
template <typename _Sig, typename _Result, typename... _Tags> struct _Match {
    static constexpr bool _known = false, _arity = true, _gives = true, _all = false;
    template <_Size, typename...> static constexpr bool _one() { return true; }
};

template <typename _R, typename... _P, typename _Result, typename... _Tags>
struct _Match<_Signature<_R, _P...>, _Result, _Tags...> {
    static constexpr bool _known = true;
    static constexpr bool _arity = sizeof...(_P) == sizeof...(_Tags);
    static constexpr bool _gives = _Out<_Result, _Bare<_R>>::_fits;
    template <_Size _Which, typename... _T> static constexpr bool _one() {
        if constexpr (_arity) {
            const bool _fit[] = {_In<_T, _Bare<_P>>::_fits..., true};
            return _fit[_Which];
        } else {
            return true;
        }
    }
    template <typename... _T> static constexpr bool _each() {
        if constexpr (_arity)
            return (true && ... && _In<_T, _Bare<_P>>::_fits);
        else
            return false;
    }
    static constexpr bool _all = _gives && _each<_Tags...>();
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

template <typename _Name, typename _Result, typename... _Tags> constexpr auto _choose() {
    using _Only = typename _Ask<_Name, _Alone>::_Type;
    using _Counted = typename _Ask<_Name, typename _Name::_By_count>::_Type;
    using _Wish = _Wanted<_Result, _Tags...>;
    using _Found = typename _First<_Wish, typename _Every<_Name, 0, _Tags...>::_Type>::_Type;
    if constexpr (!_same<_Only, void>) {
        using _Shorter = typename _Head<sizeof...(_Tags), _Only>::_Type;
        constexpr bool _defaults =
            !_Match<_Only, _Result, _Tags...>::_arity && _callable<_Name, _Shorter>;
        if constexpr (_defaults)
            return _Choice<_Shorter, false>();
        else
            return _Choice<_Only, true>();
    } else if constexpr (_same<_Found, void>) {
        return _Choice<_Counted, true>();
    } else {
        return _Choice<_Found, true>();
    }
}

// ---- The call ----

template <_Size _At, typename _Tag> struct _Arg {};

template <typename _Name, bool _Whole, typename _Sig, typename _Result, typename... _Args>
struct _Run;
template <typename _Name, bool _Whole, typename _R, typename... _P, typename _Result,
          _Size... _At, typename... _Tags>
struct _Run<_Name, _Whole, _Signature<_R, _P...>, _Result, _Arg<_At, _Tags>...> {
    static _R _call(_Bare<_P> &..._v) {
        if constexpr (_Whole)
            return _Name::template _as<_R (*)(_P...)>()(static_cast<_P &&>(_v)...);
        else
            return _Name::_call(static_cast<_P &&>(_v)...);
    }
    // What the result may point into lives until it is written.
    static void _pass(_Sink &_sink, _Bare<_P> &&..._v) {
        if constexpr (_same<_Result, _Nothing>)
            _call(_v...);
        else
            _Out<_Result, _Bare<_R>>::_put(_sink, 0, _call(_v...));
    }
    static void _go(_Sink &_sink, const _Byte *_block) {
        _Keep _keep;
        (void)_block;
        _pass(_sink, _In<_Tags, _Bare<_P>>::_get(_keep, _block, _At)...);
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
    static constexpr bool _gives = _Judged::_gives;
    template <_Size _Which>
    static constexpr bool _takes = _Judged::template _one<_Which, _Tags...>();
    static void _go(_Sink &_sink, const _Byte *_block) {
        if constexpr (_Judged::_all)
            _Run<_Name, _Chosen::_whole, _Sig, _Result, _Arg<_At, _Tags>...>::_go(_sink, _block);
    }
};

// Leaves a message in place of the result, cut between characters.
inline unsigned _say(_Frame *_frame, const char *_text) {
    const _Size _most = _frame->_result_cap < 65536 ? _frame->_result_cap : 65536;
    _Size _n = 0;
    while (_n < _most && _text[_n]) ++_n;
    if (_text[_n])
        while (_n > 0 && (static_cast<_Byte>(_text[_n]) & 0xc0) == 0x80) --_n;
    for (_Size _i = 0; _i < _n; ++_i) _frame->_result[_i] = static_cast<_Byte>(_text[_i]);
    _frame->_result_len = _n;
    return _exception;
}

template <typename _TheFit, typename _Result> unsigned _enter(_Frame *_frame) noexcept {
    _frame->_result_len = 0;
    try {
        _Sink _sink = {_frame->_result, _frame->_result_cap, 0, false};
        if constexpr (!_same<_Result, _Nothing>) {
            _sink._take(1, _stride<_Result>, 1);
            if (_sink._full) return _result_too_large;
        }
        _TheFit::_go(_sink, _frame->_args);
        if (_sink._full) return _result_too_large;
        _frame->_result_len = _sink._len;
        return _ok;
    } catch (const ::std::bad_alloc &) {
        return _out_of_memory;
    } catch (const ::std::exception &_thrown) {
        const char *_what = _thrown.what();
        return _say(_frame, _what ? _what : "");
    } catch (const _Null &) {
        return _say(_frame, "the function returned NULL");
    } catch (...) {
        return _say(_frame, "unknown exception");
    }
}

}  // namespace __saggar
