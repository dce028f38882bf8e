use polars::prelude::*;
use polars::sql::sql_expr;
fn dec(vals:&[Option<i128>], scale:usize)->Column{ let ca:Int128Chunked=vals.iter().copied().collect(); ca.into_decimal_unchecked(38,scale).into_column().with_name("amount".into()) }
fn main(){
  let df=DataFrame::new_infer_height(vec![dec(&[Some(499_990000),Some(500_000000),Some(500_010000),None,Some(100)],6), Column::new("n".into(),&[Some(1i64),Some(2),None,Some(4),Some(5)]), Column::new("s".into(),&[Some("a"),None,Some("b"),Some("c"),Some("150102")])]).unwrap();
  println!("{:?}",df.schema());
  let lit6=|t:&str,scale:usize|{ let digits=t.replace('.',""); let frac=t.split('.').nth(1).map_or(0,|f|f.len()); let v:i128=digits.parse::<i128>().unwrap()*10i128.pow((scale-frac) as u32); Expr::from(lit(Scalar::new(DataType::Decimal(38,scale),AnyValue::Decimal(v,38,scale)))) };
  for q in ["amount >= 500","amount >= \"__l\"","amount * 2 > 1000","amount > n","amount - 100 >= \"__l\" - 100.0","amount / 3 > 1","amount * \"__l\" > 2","COALESCE(amount,0) > 0","amount BETWEEN 0 AND 500","SUM(amount) OVER (PARTITION BY s) > 5","LENGTH(s) = 1","SUBSTR(s,1,4) = '1501'","s NOT IN ('a','b')","ABS(amount) > 5","s <> '9'","s > 5","REPLACE(s,'1','')='50102'","amount = 500.01","n = 2.0","s ~ '^[a-z]$'", "1=1","SUM(amount) > 3","nofield > 3", "amount > 5 garbage", "s::date > 3", "ROUND(amount,2) > 5","n % 2 = 0", "COUNT(*) OVER (PARTITION BY s) = 1"] {
    let r = sql_expr(q).map(|e| e.map_expr(|e| match &e { Expr::Column(c) if c=="__l" => lit6("500.01",6), _=>e }));
    match r { Err(e)=>println!("{q}: PARSE {e}"), Ok(e)=>{
      let lf=df.clone().lazy().select([e.clone().alias("r")]);
      match lf.collect(){ Ok(d)=>println!("{q}: {:?} {:?} roots {:?}", d.column("r").unwrap().dtype(), (0..d.height()).map(|i| d.column("r").unwrap().get(i).unwrap().to_string()).collect::<Vec<_>>(), e.meta().root_names().len()), Err(x)=>println!("{q}: RUN {x}") }
    }}
  }
  let f=|q:&str| sql_expr(q).unwrap();
  let e=f("amount + 0.1"); println!("{:?}", e);
  let e2=f("amount + 1"); println!("{:?}", e2);
}
