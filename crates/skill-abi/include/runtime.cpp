// What the C++ glue needs of nothing but itself: one object for all skills of a toolchain. It is
// compiled behind the headers it names and `glue.hpp`, which declares it.

namespace __saggar __attribute__((__visibility__("hidden"))) {

// The loop must stay one: a source may define its own strlen.
#ifdef __clang__
__attribute__((__no_builtin__("strlen")))
#else
__attribute__((__optimize__("no-tree-loop-distribute-patterns")))
#endif
_Size _length(const char *_text) noexcept {
    _Size _n = 0;
    while (_text[_n]) ++_n;
    return _n;
}

_Fault &_Fault::_add(const char *_more) noexcept {
    while (*_more && _used + 1 < sizeof _buffer) _buffer[_used++] = *_more++;
    _buffer[_used] = 0;
    return *this;
}

_Fault &_Fault::_number(_Word _n, unsigned _radix) noexcept {
    char _digits[24];
    _Size _at = sizeof _digits - 1;
    _digits[_at] = 0;
    do _digits[--_at] = "0123456789abcdef"[_n % _radix];
    while ((_n /= _radix) != 0);
    return _add(_digits + _at);
}

void _Keep::_drop() {
    while (_first) {
        _Node *_gone = _first;
        _first = _gone->_next;
        delete _gone;
    }
}

_Size _Sink::_take(_Size _count, _Size _stride, _Size _align) noexcept {
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

void _Sink::_bytes(_Size _at, const void *_data, _Size _count, _Size _stride,
                   _Size _align) noexcept {
    _Size _start = _take(_count, _stride, _align);
    if (_full) return;
    _pair(_at, _start, _count);
    if (_count > 0) __builtin_memcpy(_base + _start, _data, _count * _stride);
}

unsigned _say(_Sink &_sink, const char *_text, _Size _length) noexcept {
    const _Size _most = _sink._cap < 65536 ? _sink._cap : 65536;
    _Size _n = _length < _most ? _length : _most;
    if (_n < _length)
        while (_n > 0 && (static_cast<_Byte>(_text[_n]) & 0xc0) == 0x80) --_n;
    for (_Size _i = 0; _i < _n; ++_i) _sink._base[_i] = static_cast<_Byte>(_text[_i]);
    _sink._len = _n;
    return _exception;
}

unsigned _say(_Sink &_sink, const char *_text) noexcept {
    return _text ? _say(_sink, _text, _length(_text)) : _say(_sink, "", 0);
}

static unsigned _serve(_Sink &_sink, _Size _size, _Go _go, const _Byte *_block) {
    try {
        if (!_sink._open(_size)) return _result_too_large;
        const unsigned _status = _go(_sink, _block);
        return _status == _ok && _sink._full ? unsigned(_result_too_large) : _status;
    } catch (const ::std::bad_alloc &) {
        return _out_of_memory;
    } catch (const ::std::exception &_thrown) {
        return _say(_sink, _thrown.what()), _raised;
    } catch (const _Fault &_thrown) {
        return _say(_sink, _thrown._text());
    } catch (const char *_thrown) {
        return _say(_sink, _thrown), _raised;
    } catch (const ::std::string &_thrown) {
        return _say(_sink, _thrown.c_str()), _raised;
    } catch (...) {
        return _say(_sink, "unknown exception"), _raised;
    }
}

unsigned _enter(_Frame *_frame, _Size _size, _Go _go) noexcept {
    _Sink _sink = {_frame->_result, _frame->_result_cap, 0, false};
    const unsigned _status = _serve(_sink, _size, _go, _frame->_args);
    _frame->_result_len = _status <= _exception || _status == _raised ? _sink._len : 0;
    return _status;
}

}  // namespace __saggar
