/**
 * Programs that put one property at stake, for the tasks of a campaign that judge it (`property-tasks.ts`) and for tests: classes of package `.t`.
 */

/**
 * P17: class `.t.main` changes a table of 64 objects at random, `steps` times: new objects in it, references between them set, cleared and
 * exchanged; and ends. Between the first objects of the table lie `ballast` others that live, so that marking takes a while and
 * is everywhere when references move.
 */
export function mutatorText(seed: number, steps: number, ballast: number): string {
  return `class main
    {
      var table : .t.main[];
      var left : .t.main;
      var right : .t.main;
      var text : string;
      var state : int;
      int draw( var below : int ) {
        state = state * 1103515245 + 12345;
        return ( ( state >> 8 ) & 0xffffff ) % below;
      }
      void name( var to : string ) { text = to; }
      void setLeft( var to : .t.main ) { left = to; }
      void setRight( var to : .t.main ) { right = to; }
      .t.main getLeft() { return left; }
      void startup( var boot ) [8] {
        boot.30( this );
        state = ${seed};
        table = new .t.main[]();
        var before : .t.main = null;
        for( var i : int = 0; i < 64; i += 1 ) {
          table[i] = new .t.main();
          table[i].name( "first " + i );
          for( var j : int = 0; j < ${Math.ceil(ballast / 64)}; j += 1 ) {
            var more : .t.main = new .t.main();
            more.setRight( before );
            before = more;
          }
        }
        left = before;
        for( var step : int = 0; step < ${steps}; step += 1 ) {
          var which : int = draw( 16 );
          var one : .t.main = table[draw( 64 )];
          var two : .t.main = table[draw( 64 )];
          if( which < 3 ) {
            var made : .t.main = new .t.main();
            made.name( "number " + step );
            made.setLeft( two );
            table[draw( 64 )] = made;
          }
          if( which == 3 ) one.setLeft( two );
          if( which == 4 ) one.setRight( two );
          if( which == 5 ) one.setRight( null );
          if( which == 6 ) one.setLeft( null );
          if( which == 7 && one.getLeft() != null ) table[draw( 64 )] = one.getLeft();
          if( which > 7 ) {
            var held : .t.main = one.getLeft();
            one.setLeft( two.getLeft() );
            two.setLeft( held );
          }
        }
      }
    };`;
}

/** P20: class `.t.main` says what time it is, again and again, and a thread beside it sleeps once and says so. */
export function clockText(sleepMs: number): string {
  return `class main
    {
      void startup( var b ) [8] {
        var boot : .internal.boot = b;
        var time : .internal.time = new .internal.time();
        boot.18( new .t.sleeper() );
        while( 1 ) {
          boot.16( "time " + time.unixTime() + "\\n" );
          boot.sleep( 100 );
        }
      }
    };
    class sleeper
    {
      void run( var b ) [8] {
        var boot : .internal.boot = b;
        boot.sleep( ${sleepMs} );
        boot.16( "woke\\n" );
      }
    };`;
}
