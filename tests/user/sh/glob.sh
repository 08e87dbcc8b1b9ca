# File name patterns.
mkdir g; cd g || exit
touch a b c ab abc .hid 'sp ace' x1 x2 x10 '[lit]' 'st*r'
mkdir d1 d2; touch d1/f d2/f d2/g d1/.h
echo *
echo a*
echo ?
echo [ab]
echo [!ab]
echo [a-b]*
echo x[0-9]
echo x?? x*
echo .h*
echo nomatch*
echo */f
echo d?/*
echo d[12]/f
echo */
echo ./*b
echo "*" '*' \*
echo st\**
echo \[lit\]
echo [[]*
p='a*'; echo $p "$p"
p='*'; echo "$p"b
for f in sp*; do echo "<$f>"; done
echo d1/.*h
set -f; echo *; set +f; echo x?
echo [[:digit:]]* x[[:digit:]]
case abc in a[a-c]?) echo m1 ;; esac
case 'a]' in a[]]) echo m2 ;; esac
case a-b in a[x-]b) echo m3 ;; esac
case '*' in \*) echo m4 ;; esac
case x in '*') echo no ;; *) echo m5 ;; esac
case abc in ab) echo no ;; abcd) echo no ;; a*d) echo no ;; a*c) echo m6 ;; esac
case aXbXc in *X*X*) echo m7 ;; esac
case '' in ?*) echo no ;; '') echo m8 ;; esac
q='a*'; case abc in "$q") echo no ;; $q) echo m9 ;; esac
case '[x' in [x) echo m10 ;; esac
case mmmmmmmmmmmmmmmmmmmmmm in *m*m*m*m*m*m*m*m*x) echo no ;; *) echo m11 ;; esac
