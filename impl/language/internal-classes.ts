/**
 * The kernel's classes, declared in the language itself; the numbers are those of the kernel's methods
 * (`impl/kernel/classes`). Methods 0 to 15 of the root class are those of every object.
 */

/** Those that a class can extend: their objects have a state and an identity. */
export const EXTENSIBLE_CLASSES: ReadonlySet<string> = new Set([
  ...['.internal.container.array', '.internal.directory', '.internal.closure', '.internal.mutex', '.internal.cond'],
  ...['.internal.sema', '.internal.bitmap', '.internal.connection', '.internal.io.tty', '.internal.io'],
  '.internal.weakref',
]);

/** First number of a method of a class that extends one of them; those below are the kernel's, now and later. */
export const EXTENSION_METHODS = 64;

export const INTERNAL_CLASSES = `
package .internal;
attribute const * ->!;

interface object
{
    void construct() [0];
    void destruct() [1];
    .internal."class" getClass() [2];
    .internal.object clone() [3];
    int equals( var other ) [4];
    string toString() [5];
    string toXML() [6];
    string fromXML() [7];
    void setImmutable() [14];
    int hashCode() [15];
};
interface "void" {};
interface "int" {};
interface "long" {};
interface "float" {};
interface "double" {};
interface "string"
{
    string substring( var from : int, var length : int ) [8];
    int charAt( var index : int ) [9];
    string concat( var other : string ) [10];
    int length() [11];
    int find( var part : string ) [12];
    int strstr( var part : string ) [12];
    int toInt() [16];
    .internal.long toLong() [17];
    .internal.float toFloat() [18];
    .internal.double toDouble() [19];
    .internal.object parseJson() [20];
};
interface .internal.container.array
{
    .internal.object iterator() [8];
    .internal.object getIterator() [8];
    .internal.container.array subarray( var from : int, var length : int ) [9];
    .internal.object get( var index : int ) [10];
    .internal.object set( var value, var index : int ) [11];
    int size() [12];
};
interface binary
{
    int getByte( var index : int ) [8];
    void setByte( var index : int, var value : int ) [9];
    void setRange( var source : .internal.binary, var to : int, var from : int, var length : int ) [10];
};
interface bitmap
{
    void loadFromString( var data : string ) [8];
    void paintTo( var target : .internal.window, var x : int, var y : int ) [9];
    int width() [10];
    int height() [11];
    int pixel( var x : int, var y : int ) [12];
};
interface "class"
{
    .internal."class" newClass( var name : string, var fields : int, var parent : .internal."class" ) [8];
    void setStatic( var slot : int, var value ) [10];
    .internal.object getStatic( var slot : int ) [11];
    int instanceOf( var object ) [14];
};
interface "interface" {};
interface code {};
interface thread
{
    .internal.object getEnvironment() [12];
    .internal.object getUser() [13];
    .internal.object getOsInterface() [14];
};
interface boot
{
    .internal."class" loadClass( var name : string ) [8];
    void registerClassLoader( var loader ) [17];
    void thread( var runnable ) [18];
    .internal.binary createBinary( var bytes : int ) [19];
    void setScreenBackground( var picture : .internal.bitmap ) [20];
    void sleep( var milliseconds : int ) [21];
    void setOsInterface( var os ) [22];
    .internal.object getEnvironment() [23];
    void reboot() [24];
    int bootNumber() [25];
    int waitForBoot( var seen : int ) [26];
    int durable() [27];
};
interface closure
{
    int getOrdinal() [9];
    void setOrdinal( var ordinal : int ) [10];
    void setObject( var object ) [11];
};
interface world
{
    .internal.thread getMyThread() [8];
    int startThread( var runnable, var argument ) [9];
    void log( var text : string ) [10];
};
interface mutex
{
    void lock() [8];
    void unlock() [9];
    int trylock() [10];
};
interface cond
{
    void wait( var mutex : .internal.mutex ) [8];
    int twait( var mutex : .internal.mutex, var milliseconds : int ) [9];
    void broadcast() [10];
    void signal() [11];
};
interface sema
{
    void acquire() [8];
    int tacquire( var milliseconds : int ) [9];
    void zero() [10];
    void release() [11];
};
interface directory
{
    int put( var key : string, var value ) [8];
    .internal.object get( var key : string ) [9];
    int remove( var key : string ) [10];
    int size() [11];
    .internal.object iterate() [12];
    .internal.object iterator() [13];
};
interface connection
{
    int connect( var address : string ) [8];
    int disconnect() [9];
    int check( var operation : int ) [10];
    int setCallback( var object, var method : int ) [12];
    .internal.object block( var argument, var operation : int ) [13];
};
interface .internal.io.tty
{
    string getwc() [16];
    void putws( var text : string ) [17];
    void debug( var object ) [18];
    void gotoxy( var x : int, var y : int ) [19];
    void clear() [20];
    void setColor( var color : int ) [21];
    void setWinPos( var x : int, var y : int ) [24];
    void setTitle( var title : string ) [25];
    void setBgColor( var color : int ) [26];
    int waiting() [27];
    string getwcWithin( var milliseconds : int ) [28];
    void open( var device : string ) [29];
};
interface window
{
    int getXSize() [16];
    int getYSize() [17];
    int getX() [18];
    int getY() [19];
    void clear() [20];
    void fill( var color : int ) [21];
    void setFg( var color : int ) [22];
    void setBg( var color : int ) [23];
    void drawString( var x : int, var y : int, var text : string ) [24];
    void drawImage( var x : int, var y : int, var image : .internal.bitmap ) [25];
    void setSize( var x : int, var y : int ) [26];
    void setPos( var x : int, var y : int ) [27];
    void drawLine( var x : int, var y : int, var xs : int, var ys : int ) [28];
    void drawBox( var x : int, var y : int, var xs : int, var ys : int ) [29];
    void fillBox( var x : int, var y : int, var xs : int, var ys : int ) [30];
    void fillEllipse( var x : int, var y : int, var xs : int, var ys : int ) [31];
    void setHandler( var handler ) [32];
    void setTitle( var title : string ) [33];
    void update() [34];
    void scrollHor( var x : int, var y : int, var xs : int, var ys : int, var s : int ) [35];
    void setAutoUpdate( var on : int ) [37];
};
interface tcp {};
interface udp {};
interface net {};
interface http {};
interface time
{
    int unixTime() [16];
    void sleepSec( var seconds : int ) [17];
    void sleepMsec( var milliseconds : int ) [18];
};
interface stat
{
    int counter( var number : int ) [16];
    int idlePercent() [17];
};
interface io
{
    void open( var name : string ) [8];
    void close() [9];
    string read( var bytes : int ) [10];
    void write( var text : string ) [11];
    void setVar( var name : string, var value ) [12];
    .internal.object getVar( var name : string ) [13];
    void reset() [14];
};
interface weakref
{
    .internal.object get() [8];
    void set( var target ) [9];
};
interface port {};
`;
