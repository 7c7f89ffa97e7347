// A bank that never loses a transfer: three tellers move money, an auditor counts it, and no power cut costs a penny.
package .demo.bank;

class main
{
    var boot : .internal.boot;
    var accounts : .demo.bank.account[];
    var lock : .internal.mutex;
    var opened : int = 0;
    var initial : int = 1000;

    void startup( var b ) [8]
    {
        boot = b;
        lock = new .internal.mutex();
        accounts = new .demo.bank.account[]();
        for( var i : int = 0; i < 600; i += 1 ) open( i );
        boot.18( new .demo.bank.teller( this, "ann", 1 ) );
        boot.18( new .demo.bank.teller( this, "bob", 2 ) );
        boot.18( new .demo.bank.teller( this, "cleo", 3 ) );
        for( var audit : int = 1; 1; audit += 1 ) {
            boot.16( "audit " + audit + ": " + opened + " accounts hold " + total() + "\n" );
            boot.sleep( 60 );
        }
    }

    void open( var number : int )
    {
        lock.lock();
        accounts[number] = new .demo.bank.account( initial );
        opened += 1;
        lock.unlock();
    }

    // Moves the money, or does nothing where there is not enough.
    void transfer( var from : int, var to : int, var amount : int )
    {
        lock.lock();
        if( accounts[from].has() >= amount ) {
            accounts[from].put( 0 - amount );
            accounts[to].put( amount );
        }
        lock.unlock();
    }

    int size() { return opened; }

    int total()
    {
        lock.lock();
        var sum : int = count();
        lock.unlock();
        return sum;
    }

    // For who holds the lock.
    int count()
    {
        var sum : int = 0;
        for( var i : int = 0; i < opened; i += 1 ) sum += accounts[i].has();
        return sum;
    }

    // All money there ever was is what the accounts were opened with.
    string invariant()
    {
        if( accounts == null ) return null;
        lock.lock();
        var found : int = count();
        var expected : int = opened * initial;
        lock.unlock();
        if( found != expected ) return "the accounts hold " + found + ", not " + expected;
        return null;
    }
};
