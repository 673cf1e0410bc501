package codec
import ("testing";"strings";"time";"math/rand")
func TestSlow(t *testing.T){
 r:=rand.New(rand.NewSource(time.Now().UnixNano()))
 toks:=[]string{"A=","B='","C=\"","D=`","\\","'","\"","\n","x"," ","#","$","\\\"","\\'","-----BEGIN ","=","\r\n","export ","[x]\n","region=","  ",":"}
 worst:=time.Duration(0)
 for n:=0;n<3000;n++{
  var unit strings.Builder
  for k:=1+r.Intn(6);k>0;k--{unit.WriteString(toks[r.Intn(len(toks))])}
  u:=unit.String()
  if r.Intn(2)==0 {u="A="+u+"\n"}
  if n==0 {u="A=\\''\r\n\n"}
  in:=strings.Repeat(u,(1<<17)/len(u))
  for _,d:=range append([]string{""},dotenvDialects...){
   s:=time.Now(); readDotenv([]byte(in),Options{Dialect:d}); e:=time.Since(s)
   if e>worst {worst=e; t.Logf("%v %q %s",e,u,d)}
  }
  s:=time.Now(); readAWS([]byte(in),Options{}); e:=time.Since(s)
  if e>worst {worst=e; t.Logf("aws %v %q",e,u)}
 }
}
