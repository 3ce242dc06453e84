// The C++ glue: reads the parameters of a call out of the argument block in whatever form the
// source declares them, calls the function, writes what it returned into the result block. The
// layout is that of saggar-skill-abi's `layout`, the structures that of its `frame`.
//
// It stands after the source in one translation unit, so every name here has a reserved spelling;
// standard types are recognised by what they can do, never by name, except among the guesses that
// tell overloads apart. What is no template and needs nothing of the source is only declared:
// `runtime.cpp` defines it in an object of its own, which is compiled once and not with every skill.

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

enum _Status : unsigned { _ok, _exception, _result_too_large, _out_of_memory, _raised };

// The types of an interface, each with the bytes that it takes in place and their alignment.
template <_Size _Bytes, _Size _Boundary> struct _Laid {
    static constexpr _Size _size = _Bytes, _align = _Boundary;
};
template <char _Kind, unsigned _Width> struct _Scalar : _Laid<_Width, _Width> {};
struct _String : _Laid<16, 8> {};
template <typename _Element> struct _List : _Laid<16, 8> {};
// The result of a function that has none; the payload of a result type that has none.
struct _Nothing : _Laid<0, 1> {};
struct _Unit : _Laid<0, 1> {};
// Members as _Arg, with their places.
template <_Size _At, typename _Tag> struct _Arg {};
template <_Size _S, _Size _A, typename... _Args> struct _Tuple : _Laid<_S, _A> {};
template <_Size _S, _Size _A, typename _Payload> struct _Option : _Laid<_S, _A> {};
template <_Size _S, _Size _A, typename _Ok, typename _Err> struct _Outcome : _Laid<_S, _A> {};
// Fields and cases as the generated structs that know their names.
template <_Size _S, _Size _A, typename... _Fields> struct _Record : _Laid<_S, _A> {};
template <_Size _S, typename _Named, typename... _Cases> struct _Enum : _Laid<_S, _S> {};

// Why a declared type does not serve: nothing, the type itself, or a field or case, whose number
// times eight is added.
enum _Blame : unsigned { _fine, _other, _lacks, _hides, _differs, _fixed, _unmade };

// ---- What the language leaves to <type_traits> ----

template <typename _A, typename _B> inline constexpr bool _same = false;
template <typename _A> inline constexpr bool _same<_A, _A> = true;

template <bool> struct _Enable {};
template <> struct _Enable<true> { using _Type = void; };
template <bool _Condition> using _If = typename _Enable<_Condition>::_Type;

template <bool, typename _A, typename> struct _Either { using _Type = _A; };
template <typename _A, typename _B> struct _Either<false, _A, _B> { using _Type = _B; };

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

// A class of exactly _N items one after the other.
template <typename _T, typename _X, _Size _N, typename = void>
inline constexpr bool _is_array = false;
template <typename _T, typename _X, _Size _N>
inline constexpr bool _is_array<_T, _X, _N,
                                decltype(void(_T()), void(_value<_T &>()[_Size()] = _value<_X>()),
                                         void(_value<_T &>().size()))> =
    _N > 0 && sizeof(_T) == _N * sizeof(_X);

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
template <> inline constexpr char _kind<char32_t> = 'c';
template <> inline constexpr char _kind<wchar_t> = 'c';
template <> inline constexpr char _kind<float> = 'f';
template <> inline constexpr char _kind<double> = 'f';

template <typename _T, char = _kind<_T>> inline constexpr _Size _width = sizeof(_T);
template <typename _T> inline constexpr _Size _width<_T, 0> = 0;

template <typename _Tag, typename _T> inline constexpr bool _is_scalar = false;
template <char _Kind, unsigned _Width, typename _T>
inline constexpr bool _is_scalar<_Scalar<_Kind, _Width>, _T> =
    _kind<_T> == _Kind && _width<_T> == _Width;

// ---- Values that a declared type cannot hold ----

_Size _length(const char *_text) noexcept;

// What is thrown for one; no std::exception, so that it never passes for the source's own.
class _Fault {
    char _buffer[192];
    _Size _used = 0;

public:
    explicit _Fault(const char *_says) { _add(_says); }
    _Fault &_add(const char *_more) noexcept;
    _Fault &_number(_Word _n, unsigned _radix) noexcept;
    const char *_text() const { return _buffer; }
};

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
        if (_first) _drop();
    }
    void _drop();
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

// How a parameter of type _Tag becomes a _T; `_blame` says why where it cannot.
template <typename _Tag, typename _T, typename = void> struct _In {
    static constexpr unsigned _blame = _other;
};

template <typename _Tag, typename _T> struct _In<_Tag, _T, _If<_is_scalar<_Tag, _T>>> {
    static constexpr unsigned _blame = _fine;
    static _T _get(_Keep &, const _Byte *_block, _Size _at) {
        _T _v;
        __builtin_memcpy(&_v, _block + _at, sizeof _v);
        return _v;
    }
};

using _Char = _Scalar<'c', 4>;

// A char has room for ASCII only.
template <> struct _In<_Char, char, void> {
    static constexpr unsigned _blame = _fine;
    static char _get(_Keep &, const _Byte *_block, _Size _at) {
        char32_t _v;
        __builtin_memcpy(&_v, _block + _at, sizeof _v);
        if (_v >= 0x80)
            throw _Fault("the character U+")
                ._number(_v, 16)
                ._add(" is not ASCII and the source declares a char; declare a char32_t");
        return static_cast<char>(_v);
    }
};

template <> struct _In<_String, const char *, void> {
    static constexpr unsigned _blame = _fine;
    static const char *_get(_Keep &, const _Byte *_block, _Size _at) {
        return reinterpret_cast<const char *>(_span_at(_block, _at)._data);
    }
};

// std::string, std::string_view
template <typename _T>
struct _In<_String, _T,
           _If<_same<_Bare<_Item<_T>>, char> && sizeof(_T(_value<const char *>(), _Size())) != 0>> {
    static constexpr unsigned _blame = _fine;
    static _T _get(_Keep &, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        return _T(reinterpret_cast<const char *>(_s._data), _s._count);
    }
};

// ---- Results ----

// The result block. What does not fit is not written, and `_full` says so.
struct _Sink {
    _Byte *_base;
    _Size _cap;
    _Size _len;
    bool _full;

    // Room for what lies in place.
    bool _open(_Size _size) {
        _full = _size > _cap;
        _len = _full ? 0 : _size;
        return !_full;
    }
    // Room for _count times _stride bytes; the gap before it is zeroed.
    _Size _take(_Size _count, _Size _stride, _Size _align) noexcept;
    void _clear(_Size _at, _Size _count) {
        if (_count > 0) __builtin_memset(_base + _at, 0, _count);
    }
    void _pair(_Size _at, _Size _offset, _Size _count) {
        _Word _two[2] = {_offset, _count};
        __builtin_memcpy(_base + _at, _two, sizeof _two);
    }
    void _bytes(_Size _at, const void *_data, _Size _count, _Size _stride, _Size _align) noexcept;
};

// How a returned _T is written as a _Tag; `_blame` says why where it cannot.
template <typename _Tag, typename _T, typename = void> struct _Out {
    static constexpr unsigned _blame = _other;
};

template <typename _Tag, typename _T> struct _Out<_Tag, _T, _If<_is_scalar<_Tag, _T>>> {
    static constexpr unsigned _blame = _fine;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        __builtin_memcpy(_sink._base + _at, &_v, sizeof _v);
    }
};

template <> struct _Out<_Char, char, void> {
    static constexpr unsigned _blame = _fine;
    static void _put(_Sink &_sink, _Size _at, char _v) {
        const char32_t _wide = static_cast<_Byte>(_v);
        if (_wide >= 0x80)
            throw _Fault("the function returned the char 0x")
                ._number(_wide, 16)
                ._add(", which is not ASCII; let it return a char32_t");
        __builtin_memcpy(_sink._base + _at, &_wide, sizeof _wide);
    }
};

template <typename _T>
struct _Out<_String, _T, _If<_same<_T, char *> || _same<_T, const char *>>> {
    static constexpr unsigned _blame = _fine;
    static void _put(_Sink &_sink, _Size _at, const char *_v) {
        if (!_v) throw _Fault("the function returned NULL");
        _sink._bytes(_at, _v, _length(_v), 1, 1);
    }
};

template <typename _T>
struct _Out<_String, _T,
            _If<_same<_Bare<_Item<const _T>>, char> && sizeof(_value<const _T &>().size()) != 0>> {
    static constexpr unsigned _blame = _fine;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        _sink._bytes(_at, _v.data(), _v.size(), 1, 1);
    }
};

}  // namespace __saggar
