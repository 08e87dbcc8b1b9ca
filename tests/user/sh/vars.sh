# Parameters and their expansions.
unset u; e=; v=value
echo "1:${u-def}:${u:-def}:${e-def}:${e:-def}:${v-def}:${v:-def}"
echo "2:${u+alt}:${u:+alt}:${e+alt}:${e:+alt}:${v+alt}:${v:+alt}"
echo "3:${u=set}:$u"; unset u
echo "4:${e:=set}:$e"; e=
echo "5:${#v}:${#e}:${#}"
f=/usr/local/lib/file.tar.gz
echo "6:${f#*/}:${f##*/}:${f%/*}:${f%%/*}:${f%.*}:${f%%.*}"
echo "7:${f#nomatch}:${f%nomatch}"
p='*'
echo "8:${f##$p}:${f##"$p"}"
s='a*b'
echo "9:${s#a\*}:${s%'*b'}:${s#a"*"}"
set -- one 'two three' four
echo "10:$#:$1:$2:$3:${3}:$*"
for i in "$@"; do echo "11:$i"; done
for i in $@; do echo "12:$i"; done
for i in "$*"; do echo "13:$i"; done
IFS=-; echo "14:$*"; unset IFS; echo "15:$*"
IFS=; echo "16:$*"
IFS=' 	
'
shift; echo "17:$#:$1"
shift 2; echo "18:$#:$1:"
set -- a b c d e f g h i j k l
echo "19:${10}:$10:${12}"
for i in x"$@"y; do echo "20:$i"; done | head -1
set --
for i in "$@"; do echo never; done
echo "21:$#:" "$@" :
set -- ''
for i in "$@"; do echo "22:<$i>"; done
echo "23:${x:-a b}:${x:-'q r'}"
for i in ${x:-a b}; do echo "24:$i"; done
for i in ${x:-"a b"}; do echo "25:$i"; done
for i in "${x:-a b}"; do echo "26:$i"; done
echo "27:${x:-${y:-${z:-deep}}}"
echo "28:${x:-$(echo sub)}:${x:-$((1+1))}"
a=1 b=2; echo "29:$a$b:${a}${b}:$a.$b:$a-$b"
x=5; y=$x; x=6; echo "30:$x$y"
x='$y'; echo "31:$x"
echo "32:${x#'$'}:${x%y}"
set -- 1 2 3; echo "33:${*}:${@}:${#}"
echo "34:${1:+"$@"}:"
x=abcabc; echo "35:${x#*b}:${x##*b}:${x%b*}:${x%%b*}"
echo "36:${x%[bc]}:${x%%[!a]*}:${x#?}:${x#[a-c]}"
empty= ; echo "37:${empty:-}:${empty-x}:"
echo "38:${v:+${v}s}"
echo "39:${v:-}}"
echo "40:${u-\}}:"
unset v; echo "41:${v-unset}"
x=1; (x=2; echo "42:$x"); echo "43:$x"
x=5; x=7 true; echo "44:$x"
x=8 eval 'echo "45:$x"'
a=b=c; echo "46:$a"
